#!/usr/bin/env bash
# A nightly job that three hosts start from cron at the same minute, and that must be done once.
#
#   examples/nightly-backup.sh NIGHT        for example: nightly-backup.sh "$(date +%F)"
#
# It takes the lock "nightly-backup", works while it renews the lease behind it, writes its result under the guard
# If-Lock, and releases. A host that finds the night's result already written goes home. A host that lost the lock
# while it was working (it was paused, its network was cut) cannot write: the guard refuses its old token.
#
# LOCKSTEP   base URLs of the nodes, separated by blanks   (http://127.0.0.1:8400 ...8401 ...8402)
# WORK       the command that does the work, with LOCK_TOKEN set; its output is the result  (a stand-in)
# OWNER      who we are, for people who look at the lock                     (user@host)
# TTL        how long the lease lasts without a renewal                      (10s)
set -euo pipefail

night=${1:?usage: nightly-backup.sh NIGHT}
read -r -a nodes <<< "${LOCKSTEP:-http://127.0.0.1:8400 http://127.0.0.1:8401 http://127.0.0.1:8402}"
work=${WORK:-"sleep 2; echo backed up"}
owner=${OWNER:-"${USER:-cron}@$(hostname)"}
ttl=${TTL:-10s}
result="jobs/nightly-backup/$night"

say() { printf '%s %s\n' "$owner" "$*" >&2; }

# call METHOD PATH [curl arguments]: asks one node after the other until one answers for certain; sets status and body.
# 502, 503 and no answer at all mean "try another node"; every mutation here may be repeated, because it carries an
# Idempotency-Key: a retry gets the answer of the first.
call() {
  local method=$1 path=$2 try node answer
  shift 2
  for try in $(seq 1 40); do
    node=${nodes[$((try % ${#nodes[@]}))]}
    answer=$(curl -s -m 40 -X "$method" "$node$path" -w '\n%{http_code}' "$@") || answer=$'\n000'
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
    case "$status" in
      000 | 502 | 503 | 504) sleep 0.25 ;;
      *) return 0 ;;
    esac
  done
  say "no node answers"
  exit 75
}

field() { # field NAME: a number or a string of the JSON in body
  sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^,\"}]*\).*/\1/p" <<< "$body" | head -n 1
}

unique() { printf '%s-%s-%s' "$owner" "$night" "$1-$(od -An -N8 -tx8 /dev/urandom | tr -d ' ')"; }

acquire() {
  local key
  key=$(unique acquire)
  while :; do
    call POST /v1/locks/nightly-backup:acquire -H "Idempotency-Key: $key" \
      -d "{\"ttl\":\"$ttl\",\"wait\":\"30s\",\"owner\":\"$owner\"}"
    case "$status" in
      200) token=$(field token) lease=$(field lease) && return 0 ;;
      423 | 410) key=$(unique acquire) ;; # the wait is over, or the grant was lost before we heard of it: queue again
      *) say "the lock could not be taken: $status $body" && exit 75 ;;
    esac
  done
}

# Renews until the lease is gone, then ends the work: without the lease nobody needs its result any more.
renew_until_lost() {
  local worker=$1
  while sleep 2; do
    call POST "/v1/leases/$lease:renew" -H "Idempotency-Key: $(unique renew)"
    if [ "$status" != 200 ]; then
      say "lost the lease: $status"
      kill "$worker" 2> /dev/null || true
      return
    fi
  done
}

release() {
  call POST /v1/locks/nightly-backup:release -H "Idempotency-Key: $(unique release)" -d "{\"token\":$token}"
}

acquire
say "holds the lock with token $token"

call GET "/v1/kv/$result"
if [ "$status" = 200 ]; then
  say "the night is done already"
  release
  exit 0
fi

output=$(mktemp)
trap 'kill "${renewer:-}" 2> /dev/null || true; rm -f "$output"' EXIT
LOCK_TOKEN=$token bash -c "$work" > "$output" &
worker=$!
renew_until_lost "$worker" &
renewer=$!
if ! wait "$worker"; then
  say "the work did not finish"
  release
  exit 75
fi

call PUT "/v1/kv/$result" -H "If-Lock: nightly-backup;token=$token" -H 'If-None-Match: *' \
  -H "Idempotency-Key: $(unique result)" --data-binary "@$output"
case "$status" in
  201) say "wrote the result of $night under token $token" ;;
  412) say "somebody else holds the lock or wrote the result: ours is dropped" && release && exit 75 ;;
  *) say "the result could not be written: $status $body" && release && exit 75 ;;
esac
release
