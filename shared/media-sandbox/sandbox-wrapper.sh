#!/bin/sh
# What fluent-ffmpeg starts in place of ffmpeg: the words of the sandbox and ffmpeg come first, as `sandboxCommand` gives them.
# Anything that fluent-ffmpeg starts by itself is refused, but for its two questions about ffmpeg, which read no media.
case "$1" in
  --sandbox) shift; exec env -i "$@" ;;
  -formats | -encoders) [ "$#" -eq 1 ] && exec ffmpeg "$1" ;;
esac
echo 'Media tools are started in the sandbox alone.' >&2
exit 64
