#!/usr/bin/env bash
# .ci/arm64.sh bookworm|trixie   (as root, on x86 Debian, with the package registries in reach)
#
# Installs this checkout's wheel for aarch64 with the system's own Python and pip, as a Raspberry Pi would (system NumPy,
# a virtual environment that sees it), reads ten pages of the demo camera as Pi 3 and Zero 2 (Cortex-A53), Pi 4
# (Cortex-A72) and Pi 5 (Cortex-A76) under emulation, and compares with what this machine reads. It shows that packages
# are found, import, and execute no instruction that these processors lack, and that readings are the same; nothing about
# speed, cameras or Raspberry Pi OS's own packages.
#
# PYTHON: an interpreter with the project installed (default .venv). WORK: where roots are kept between runs.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${1:?bookworm or trixie}
python=$(realpath -s "${PYTHON:-.venv/bin/python}")
work=${WORK:-$(mktemp -d -t edge-digits-arm64.XXXXXX)}
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)}
root=$work/$suite-arm64
mkdir -p "$work"
say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

if ! { command -v mmdebstrap && command -v qemu-aarch64-static; } >/dev/null; then
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends qemu-user-static mmdebstrap >/dev/null
fi
# Programs for another processor go to the emulator; its flags let it work inside a root of its own.
formats=/proc/sys/fs/binfmt_misc
[[ -e $formats/register ]] || mount -t binfmt_misc binfmt_misc $formats
[[ -e $formats/qemu-aarch64 ]] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >$formats/register

if [[ ! -x $root/usr/bin/python3 ]]; then
    # Unpacked and not configured, so that nothing of it runs under emulation yet.
    mmdebstrap --quiet --variant=extract --architectures=arm64 \
        --include=python3,python3-venv,python3-numpy,libgomp1,libstdc++6,libatomic1,coreutils,dash \
        "$suite" "$root" "$mirror"
    for folder in bin lib; do [[ -e $root/$folder ]] || ln -s usr/$folder "$root/$folder"; done
    mkdir -p "$root"/{proc,sys,dev,tmp,opt/check,etc/ssl/certs}
fi
cp /etc/resolv.conf "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
say "$suite for arm64: $(du -sm "$root" | cut -f1) MB, $(basename "$(readlink -f "$root/usr/bin/python3")")"

# What a processor says of itself; with this machine's own, runtimes believe in instructions that are not there.
describe() {
    for core in 0 1 2 3; do
        printf 'processor\t: %s\nBogoMIPS\t: 108.00\nFeatures\t: %s\nCPU implementer\t: 0x41\n' "$core" "$2"
        printf 'CPU architecture: 8\nCPU variant\t: %s\nCPU part\t: %s\nCPU revision\t: %s\n\n' "$3" "$4" "$5"
    done >"$work/cpuinfo.$1"
}
describe cortex-a53 "fp asimd evtstrm crc32 cpuid" 0x0 0xd03 4
describe cortex-a72 "fp asimd evtstrm crc32 cpuid" 0x0 0xd08 3
describe cortex-a76 "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp" \
    0x4 0xd0b 1

# Runs a command in the root as processor $1, in a mount namespace of its own: what is mounted vanishes with it.
as() {
    local processor=$1
    shift
    env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL QEMU_CPU="$processor" unshare --mount bash -c '
        root=$1 cpuinfo=$2; shift 2
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount --bind "$cpuinfo" "$root/proc/cpuinfo"
        mount --bind /dev "$root/dev"
        mount --bind /sys "$root/sys"
        # Libraries that are chosen when packages are configured are found by their folders instead.
        libraries=/usr/lib/aarch64-linux-gnu
        exec chroot "$root" /usr/bin/env PATH=/opt/venv/bin:/usr/bin:/bin OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
            LD_LIBRARY_PATH=$libraries/blas:$libraries/lapack "$@"' bash "$root" "$work/cpuinfo.$processor" "$@"
}

rm -rf "$work/dist" "$root/opt/check" "$root/opt/venv"
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$work/dist" .
mkdir -p "$root/opt/check/pages"
cp "$work"/dist/edge_digits-*.whl "$root/opt/check/"
"$python" .ci/frames.py pages "$root/opt/check/pages"
as cortex-a72 /usr/bin/python3 -m venv --system-site-packages /opt/venv
wheel=$(basename "$work"/dist/edge_digits-*.whl)
as cortex-a72 /opt/venv/bin/python -m pip install --quiet --no-cache-dir "/opt/check/$wheel" 2>"$work/pip.log" ||
    { cat "$work/pip.log" >&2 && exit 1; }
say "installed: $(as cortex-a72 /opt/venv/bin/python -c '
import platform, cv2, numpy
from importlib.metadata import version
print(platform.machine(), "Python", platform.python_version(), "NumPy", numpy.__version__,
      "OpenCV", cv2.__version__, "ai-edge-litert", version("ai-edge-litert"))')"

status=0
if [[ $suite == bookworm ]] && ! as cortex-a72 /opt/venv/bin/python -c 'import numpy; assert numpy.__version__[0] == "1"'; then
    # Bookworm's picamera2 is built on it.
    say "FAIL: the system's NumPy 1 is hidden by a later one"
    status=1
fi
# The same wheel here: the checkout may change in the meantime.
rm -rf "$work/x86" && "$python" -m zipfile -e "$work/dist/$wheel" "$work/x86"
(cd "$work/x86" && "$python" -m edge_digits.cli.main read --format json "$root/opt/check/pages") >"$work/x86.jsonl"
for processor in cortex-a53 cortex-a72 cortex-a76; do
    as $processor /opt/venv/bin/edge-digits doctor | sed "s/^/    $processor /"
    as $processor /opt/venv/bin/edge-digits read --format json /opt/check/pages >"$work/$processor.jsonl"
    compared=$("$python" .ci/compare_readings.py "$work/x86.jsonl" "$work/$processor.jsonl") ||
        { status=1 && compared="FAIL: $compared"; }
    say "$suite as $processor against this machine: $compared"
done
exit $status
