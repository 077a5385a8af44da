#!/usr/bin/env bash
# Checks a hash chain: each line of the file is one event's canonical bytes. Prints the last hash.
previous=$(printf '0%.0s' {1..64}) number=0
while IFS= read -r event; do
  number=$((number + 1))
  if [[ $event != *"\"prev_hash\":\"$previous\""* ]]; then
    echo "event $number does not follow the one before" >&2; exit 1
  fi
  previous=$(printf '%s' "$event" | sha256sum | cut -c 1-64)
done < "${1:?usage: check.sh FILE}"
echo "$number events, last hash $previous"
