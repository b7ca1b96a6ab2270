#!/bin/sh
# Places an order with curl and polls until it is over: every change by cursor, nothing is missed.
#
#   sh docs/examples/curl.sh
#
# ORDERD_URL says where the daemon is. With websocat (`cargo install websocat`) the same over a WebSocket is
#
#   websocat ws://127.0.0.1:3000/api/orders/status/ORDER-ID
#   echo '{"type":"subscribe","id":"all","topic":"orders"}' | websocat -n ws://127.0.0.1:3000/api/stream
set -eu
daemon=${ORDERD_URL:-http://127.0.0.1:3000}

# get PATH: the answer, tried again while the daemon does not answer.
get() { curl -sS --fail-with-body --max-time 10 --retry 5 --retry-all-errors --retry-delay 1 "$daemon$1"; }
# member NAME: the first text or number of that name in a JSON object. A program would use a JSON parser.
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

status=$(get /api/status)
epoch=$(echo "$status" | member epoch)
cursor=$(echo "$status" | member cursor)

# The same key makes it the same order, however often this is sent.
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
order=$(curl -sS --fail-with-body --max-time 10 --retry 5 --retry-all-errors --retry-delay 1 \
    "$daemon/api/orders/execute" \
    -H 'content-type: application/json' -H "idempotency-key: $key" \
    -d '{"tokenIn":"SOL","tokenOut":"USDC","amount":"10"}' | member orderId)
echo "order $order"

over=
while [ -z "$over" ]; do
    changes=$(get "/api/orders?since=$cursor&epoch=$epoch&limit=100")
    cursor=$(echo "${changes%%\"orders\":*}" | member cursor)
    # One line per order that has changed.
    for line in $(echo "$changes" | sed 's/{"id":/\n&/g' | sed -n 's/^{"id":"\([^"]*\)".*"status":"\([^"]*\)".*"seq":\([0-9]*\).*/\1:\2:\3/p'); do
        echo "changed $line"
        case $line in
            "$order":finalized:* | "$order":failed:* | "$order":cancelled:* | "$order":expired:*) over=yes ;;
        esac
    done
    [ -n "$over" ] || sleep 0.2
done

echo "its history:"
get "/api/orders/$order/events" | sed 's/{"type":/\n&/g' |
    sed -n 's/^{"type":"\([^"]*\)","orderId":"\([^"]*\)","seq":\([0-9]*\).*/\2 \3 \1/p'
