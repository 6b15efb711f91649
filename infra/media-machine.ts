/**
 * What a container on our machines may not ask the kernel for. Docker's own list also refuses new namespaces, without
 * which bubblewrap, the sandbox around ffmpeg, cannot start; this one allows those and refuses what a process inside a
 * namespace of its own could do harm with.
 */
const REFUSED_CALLS = [
  'acct',
  'add_key',
  'bpf',
  'clock_adjtime',
  'clock_settime',
  'create_module',
  'delete_module',
  'fanotify_init',
  'finit_module',
  'fsconfig',
  'fsmount',
  'fsopen',
  'fspick',
  'get_kernel_syms',
  'init_module',
  'io_uring_enter',
  'io_uring_register',
  'io_uring_setup',
  'ioperm',
  'iopl',
  'kcmp',
  'kexec_file_load',
  'kexec_load',
  'keyctl',
  'lookup_dcookie',
  'move_mount',
  'move_pages',
  'name_to_handle_at',
  'nfsservctl',
  'open_by_handle_at',
  'open_tree',
  'perf_event_open',
  'process_vm_readv',
  'process_vm_writev',
  'ptrace',
  'query_module',
  'quotactl',
  'reboot',
  'request_key',
  'settimeofday',
  'stime',
  'swapoff',
  'swapon',
  'syslog',
  'uselib',
  'userfaultfd',
  'ustat',
  'vhangup',
  'vm86',
  'vm86old',
] as const

/** Docker's seccomp profile of our machines. */
const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }],
  syscalls: [{ names: REFUSED_CALLS, action: 'SCMP_ACT_ERRNO' }],
}

/**
 * What a machine does when it starts: joins its cluster, leaves it in time when Spot takes it back, keeps containers from
 * its own credentials, and lets ffmpeg's sandbox make namespaces. Base64, as a launch template wants it.
 */
export function machineStart(cluster: string): string {
  const script = `#!/bin/bash
set -euo pipefail
mkdir -p /etc/showreel
cat > /etc/showreel/seccomp.json <<'PROFILE'
${JSON.stringify(PROFILE)}
PROFILE
cat > /etc/docker/daemon.json <<'DOCKER'
{"seccomp-profile": "/etc/showreel/seccomp.json", "live-restore": true}
DOCKER
sysctl -w user.max_user_namespaces=15000
cat >> /etc/ecs/ecs.config <<'ECS'
ECS_CLUSTER=${cluster}
ECS_ENABLE_SPOT_INSTANCE_DRAINING=true
ECS_CONTAINER_STOP_TIMEOUT=115s
ECS_AWSVPC_BLOCK_IMDS=true
ECS_IMAGE_PULL_BEHAVIOR=prefer-cached
ECS
`
  return Buffer.from(script, 'utf8').toString('base64')
}
