# Runs `$1 demo` in the folder `$2` until our input ends, then stops it as Ctrl-C would; `$3` says whether to `keep` the folder.
set -e
cd "$2"
trap : INT TERM
"$1" demo </dev/null &
demo=$!
# Whoever reads sees the end when the demo ends.
exec >&-
read -r _ || true
kill -INT "$demo" || true
status=0
wait "$demo" || status=$?
[ "$3" = keep ] || rm -rf "$2"
exit "$status"
