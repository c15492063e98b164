# A temporary PostgreSQL server on a socket in a folder of its own: prints the folder, lives until its input ends. Each line
# of input crashes it; it prints the folder again when it is back. `$2` says where that folder is made, if anybody minds.
set -e
bin=$1
# In memory where there is room for it: the server must keep fsync on, and nothing here outlives the tests.
free=$(df -k --output=avail /dev/shm 2>/dev/null | tail -n 1)
if [ -n "${2-}" ]; then base=$2; elif [ -w /dev/shm ] && [ "${free:-0}" -gt 2000000 ]; then base=/dev/shm; else base=/tmp; fi
dir=$(mktemp -d "$base/brama-pg.XXXXXX")
trap : INT TERM
fail() { cat "$dir/log" >&2; rm -rf "$dir"; exit 1; }
begin() {
    "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses='' -c max_connections=200 -c max_prepared_transactions=0 >>"$dir/log" 2>&1 &
    pid=$!
    tries=0
    until "$bin/pg_isready" -q -h "$dir"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$pid"; then fail; fi
        sleep 0.1
    done
    echo "$dir"
}
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || fail
begin
while read -r _; do
    "$bin/pg_ctl" stop -D "$dir/data" -m immediate >>"$dir/log" 2>&1 || fail
    wait "$pid" || true
    begin
done
kill -INT "$pid" || true
wait "$pid" || true
rm -rf "$dir"
