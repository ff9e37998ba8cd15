#!/bin/sh
# A redis server that writes its database down while its clients go on writing: its child shares all of its memory at first.
#
# "At night, when the database is saved, the machine runs out of memory: it holds 20 GB, and has 32."
#
#     redis.sh [SECONDS]      ends after as many seconds (60)
set -eu
folder=$(mktemp -d)
socket=$folder/socket
trap 'redis-cli -s "$socket" shutdown nosave 2>/dev/null || true; rm -rf "$folder"' EXIT
server=$(command -v redis-server) || {
  # Debian's redis-tools has the whole server in a tool; by what name it is called decides what it is.
  ln -s /usr/bin/redis-check-rdb "$folder/redis-server"
  server=$folder/redis-server
}
# The child takes a while for each key, as a slow disk makes it.
"$server" --port 0 --unixsocket "$socket" --save "" --dir "$folder" --enable-debug-command yes --rdb-key-save-delay 1000 >/dev/null &
parent=$!
until redis-cli -s "$socket" ping >/dev/null 2>&1; do sleep 0.1; done
redis-cli -s "$socket" debug populate 50000 key 400 >/dev/null
redis-cli -s "$socket" bgsave >/dev/null
echo "parent $parent child $(cat /proc/$parent/task/$parent/children)"
end=$(($(date +%s) + ${1:-60}))
number=0
while [ "$(date +%s)" -lt "$end" ]; do
  # Clients write a key here, a key there.
  number=$(((number * 1103 + 12345) % 50000))
  for step in 1 2 3 4 5 6 7 8 9 10; do
    echo "set key:$(((number + step * 4999) % 50000)) $number"
  done | redis-cli -s "$socket" >/dev/null
  sleep 0.1
done
