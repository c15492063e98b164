# A temporary PostgreSQL server on a socket in a folder of its own: prints the folder, lives until its input ends.
set -e
bin=$1
# In memory where there is room for it: the server must keep fsync on, and nothing here outlives the tests.
free=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
if [ -w /dev/shm ] && [ "${free:-0}" -gt 2000000 ]; then base=/dev/shm; else base=/tmp; fi
dir=$(mktemp -d "$base/brama-pg.XXXXXX")
trap : INT TERM
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; rm -rf "$dir"; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses='' -c max_connections=200 -c max_prepared_transactions=0 >>"$dir/log" 2>&1 &
pid=$!
tries=0
until "$bin/pg_isready" -q -h "$dir"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$pid"; then cat "$dir/log" >&2; rm -rf "$dir"; exit 1; fi
    sleep 0.1
done
echo "$dir"
read -r _ || true
kill -INT "$pid" || true
wait "$pid" || true
rm -rf "$dir"
