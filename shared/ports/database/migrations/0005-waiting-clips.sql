-- clips of one show that wait for its recording: asked for whenever a segment of it is stored
CREATE INDEX clips_uncut_by_stream ON clips (stream_id, uncut_since) WHERE uncut_since IS NOT NULL;
