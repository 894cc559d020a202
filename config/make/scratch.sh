#!/bin/sh
# Says where tests write: in memory where there is plenty of it, because every commit of theirs waits for the disk
# otherwise, and some disks are slow. What they show does not hang on it: they kill processes, not machines.
memory=/dev/shm
free=$(df -Pk "$memory" 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -w "$memory" ] && [ "${free:-0}" -gt 4000000 ]; then
    echo "$memory"
else
    echo "${TMPDIR:-/tmp}"
fi
