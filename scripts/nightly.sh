#!/usr/bin/env bash
# What is too long for make test: each step as `nightly.sh STEP`, all without an argument. SCALE=small tries the steps themselves in a few minutes.
set -uo pipefail
cd "$(dirname "$0")/.."

if [[ "${SCALE:-full}" == small ]]; then
  rounds=5 checks=50 fuzz=5s soak=1m every=5s backlog=200000 duration=1s cases=50000 principals=100000 foreign=2000
else
  rounds=100 checks=5000 fuzz=1m soak=30m every=30s backlog=10000000 duration=5s cases=1000000 principals=10000000 foreign=100000
fi

crash() { # the real binary, killed at random moments under load
  DMS_TEST_REQUIRE=1 DMS_TEST_CRASH_ROUNDS=$rounds go test -count=1 -v -timeout 2h -run '^TestNothingAnsweredIsLostOrReorderedThroughManyKills$' ./cmd/dms/internal/e2e
}

model() { # random sequences of operations, compared with the reference engine
  go test -count=1 -timeout 3h -run '^TestModel$' ./dataplane/engine/pebbleengine -rapid.checks="$checks"
}

fuzzing() { # every fuzz target
  local failed=0 file name
  while IFS=: read -r file name; do
    go test -run '^$' -fuzz "^$name\$" -fuzztime "$fuzz" "./$(dirname "$file")" || failed=1
  done < <(grep -roE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9_]+' . | sed 's/:func /:/')
  return "$failed"
}

decisions() { # a million decisions about random policies: the authorizer, a naive reference and Cedar agree; ten million callers leave no more memory behind
  DMS_TEST_CASES=$cases DMS_TEST_PRINCIPALS=$principals go test -count=1 -v -timeout 3h -run '^(TestDecisionsEqualReferenceAndCedar|TestMemoryStaysBounded)$' ./iam/casbinauthz
}

foreign() { # requests of every route with ids of another account: no answer differs from that for ids that nobody has
  DMS_TEST_REQUIRE=1 DMS_TEST_FOREIGN_REQUESTS=$foreign go test -count=1 -v -timeout 3h -run '^TestNoIDOfAnotherAccountTellsAnything$' ./cmd/dms/internal/e2e
}

soaking() { # half of the top speed: memory, disk and latency stay flat
  bin/dms-bench bench soak --length "$soak" --every "$every" --dir "${BENCH_DIR:-}"
}

backlog() { # a queue in which ten million messages wait
  bin/dms-bench bench suite --rows '^backlog$' --backlog "$backlog" --duration "$duration" --dir "${BENCH_DIR:-}"
}

steps=("$@")
((${#steps[@]})) || steps=(crash model decisions foreign fuzzing soaking backlog)
failed=()
for step in "${steps[@]}"; do
  echo "== $step"
  begin=$SECONDS
  "$step" || failed+=("$step")
  echo "== $step: $((SECONDS - begin))s"
done
((${#failed[@]} == 0)) || { echo "failed: ${failed[*]}"; exit 1; }
