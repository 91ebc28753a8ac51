#!/bin/sh
# Checks and measures a CUDA device: ops/bench/gpu/gpu.sh. A part that fails or takes too long does not stop the next.
#   DEVICE=cuda        device to check, as model.device; cpu runs the same parts on the processor
#   SHAPES="0.5b 7b"   random checkpoints to decode with, see checkpoints.py
#   JAVA=java          virtual machine, 17 or later
#   DISTRIBUTION=…     distribution with lib/ and models/ (default: ops/target/distribution)
#   LIB=…              its jars, if they are elsewhere
#   PYTHON=python3     with torch, transformers and tokenizers
#   OUT=…              folder for logs and results (default: a temporary one)
#   PARTS="check shipped train …"  only these parts
# A libtorch with CUDA is found as docs/OPERATIONS.md, "On a GPU", says.
set -u

# with libtorch 2.9 or later on Hopper: cuDNN's attention makes a new plan for every length of a context
export TORCH_CUDNN_SDPA_DEPRIORITIZED="${TORCH_CUDNN_SDPA_DEPRIORITIZED:-1}"

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
device=${DEVICE:-cuda}
shapes=${SHAPES:-0.5b 7b}
java=${JAVA:-java}
distribution=${DISTRIBUTION:-$here/../../target/distribution}
lib=${LIB:-$distribution/lib}
python=${PYTHON:-python3}
out=${OUT:-$(mktemp -d)}
models=${MODELS:-$out/models}
mkdir -p "$out" "$models"
summary=$out/summary.txt
: >"$summary"

respec() {
  "$java" -Xmx6g -XX:+UseParallelGC --enable-native-access=ALL-UNNAMED ${RESPEC_JAVA_OPTIONS:-} \
    --add-exports java.base/jdk.internal.module=ALL-UNNAMED \
    -Drespec.home="$distribution" -cp "$lib/*" dev.respec.ops.Respec "$@"
}

# part NAME SECONDS COMMAND...: runs it with its output in NAME.log and notes how it ended
part() {
  name=$1
  most=$2
  shift 2
  case " ${PARTS:-$name} " in *" $name "*) ;; *) return 0 ;; esac
  started=$(date +%s)
  "$@" >"$out/$name.log" 2>&1 &
  running=$!
  (
    sleep "$most"
    pkill -TERM -P "$running"
    kill "$running"
  ) >/dev/null 2>&1 &
  guard=$!
  wait "$running"
  code=$?
  pkill -P "$guard" >/dev/null 2>&1
  kill "$guard" >/dev/null 2>&1
  wait "$guard" 2>/dev/null
  printf '\n== %s: exit %s after %s of at most %s s\n' "$name" "$code" $(($(date +%s) - started)) "$most" | tee -a "$summary"
  grep -v '^WARN\|^SLF4J\|^$' "$out/$name.log" | tail -n 24 | tee -a "$summary"
  return "$code"
}

decode() {
  shape=$1
  respec bench decode --device "$device" --model "$models/$shape" --segment "${SEGMENT:-600}" --rounds 2 \
    --json "$out/decode-$shape.json" --set model.compute-type=bfloat16 --set 'worker.cost-batches=[1,8,32]' \
    --set 'worker.draft-lengths.suffix=[4]' --set worker.draft-limit=none
}

shipped() {
  respec bench decode --device "$device" --segment "${SEGMENT:-600}" --rounds 2 --json "$out/decode-shipped.json" \
    --set 'worker.cost-batches=[1,8,32]' --set 'worker.draft-lengths.suffix=[8]' \
    --set 'worker.draft-lengths.eagle3=[2,4]' --set 'worker.draft-trees=[]'
}

train() {
  respec bench train --device "$device" --rows 8 --prompt-tokens 32 --response-tokens 224 --rounds 3 \
    --set model.policy="$models/$1" --set model.drafter=none --set trainer.micro-batch-tokens=2560 --json "$out/train.json"
}

smaller=${shapes%% *}
printf 'device %s, shapes %s, logs in %s\n' "$device" "$shapes" "$out"
part check 90 respec bench device --device "$device"
for shape in $shapes; do
  [ -f "$models/$shape/config.json" ] ||
    part "make-$shape" 90 "$python" "$here/checkpoints.py" "$shape" "$models/$shape" "${device%%:*}"
  part "decode-$shape" 180 decode "$shape"
  [ "$shape" != "$smaller" ] || part train 75 train "$shape"
done
part shipped 150 shipped
printf '\nsummary: %s\n' "$summary"
