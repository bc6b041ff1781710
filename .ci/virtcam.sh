#!/usr/bin/env bash
# .ci/virtcam.sh   (as root, on x86 Debian, with the package registries in reach)
#
# Runs edge-digits-camera on the real picamera2 and the real libcamera, in a Debian Trixie root: libcamera's "virtual"
# camera delivers a page as NV12, as fast as it is taken, and without exposure control, autofocus or raw stream. The
# readings must be those of the same picture read from its file. virtcam_shim.c says what stands in for dma-buf.
#
# PYTHON: an interpreter with the project installed (default .venv). WORK: where the root is kept between runs.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
work=${WORK:-$(mktemp -d -t edge-digits-virtcam.XXXXXX)}
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)}
root=$work/trixie-amd64
mkdir -p "$work"
say() { printf '[%3d s] %s\n' "$SECONDS" "$*"; }

if ! command -v mmdebstrap >/dev/null; then
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends mmdebstrap >/dev/null
fi
if [[ ! -e $root/opt/ready ]]; then
    rm -rf "$root"
    mmdebstrap --quiet --variant=minbase --architectures=amd64 \
        --include=ca-certificates,python3-venv,python3-dev,python3-numpy,gcc,libc6-dev,libcap-dev \
        trixie "$root" "$mirror" "deb $mirror trixie-backports main"
    cp /etc/resolv.conf "$root/etc/"
    chroot "$root" apt-get update -qq
    chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        -t trixie-backports libcamera-tools python3-libcamera libcamera-ipa >/dev/null 2>&1
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    chroot "$root" python3 -m venv --system-site-packages /opt/venv
    chroot "$root" env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL /opt/venv/bin/pip install --quiet picamera2 \
        2>"$work/pip.log" || { cat "$work/pip.log" >&2 && exit 1; }
    # picamera2 asks its preview window for the names of pixel formats; there is no window here.
    printf 'class _Names:\n    def __getattr__(self, name): return name\nPixelFormat = _Names()\n' \
        >"$(echo "$root"/opt/venv/lib/python3*/site-packages)/pykms.py"
    touch "$root/opt/ready"
fi
say "Trixie with libcamera $(chroot "$root" dpkg-query -W -f '${Version}' libcamera-tools)"

cp .ci/virtcam_shim.c .ci/virtcam_reader.py "$root/opt/"
chroot "$root" gcc -shared -fPIC -O1 -Wall -Wextra -o /opt/shim.so /opt/virtcam_shim.c -ldl
rm -rf "$work/dist" "$root/opt/dist" "$root/opt/frames"
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$work/dist" .
cp -r "$work/dist" "$root/opt/dist"
wheel=/opt/dist/$(basename "$work"/dist/edge_digits-*.whl)
for options in --no-deps ""; do
    chroot "$root" env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL /opt/venv/bin/pip install --quiet \
        ${options:+--force-reinstall "$options"} "$wheel" 2>"$work/pip.log" || { cat "$work/pip.log" >&2 && exit 1; }
done

mkdir -p "$root/opt/frames" "$root/usr/share/libcamera/pipeline/virtual"
"$python" .ci/frames.py picture "$root/opt/frames/0.jpg"
cat >"$root/usr/share/libcamera/pipeline/virtual/virtual.yaml" <<'YAML'
%YAML 1.1
---
"Virtual0":
  supported_formats:
  - {width: 640, height: 480, frame_rates: [30, 30]}
  frames: {path: "/opt/frames/"}
  location: "CameraLocationFront"
  model: "Virtual frames"
YAML
cat >"$root/opt/camera.toml" <<'TOML'
source = "picamera:0"
sinks = ["jsonl:-"]
duration = 5.0
[camera]
width = 640
height = 480
TOML

# Runs a command in the root, in a mount namespace of its own.
in_root() {
    unshare --mount bash -c '
        root=$1; shift
        mount --make-rprivate /
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" env LD_PRELOAD=/opt/shim.so "$@"' bash "$root" "$@"
}

status=0
in_root /opt/venv/bin/edge-digits doctor | sed 's/^/    /'
in_root timeout 60 /opt/venv/bin/python /opt/virtcam_reader.py --config /opt/camera.toml \
    >"$work/readings.jsonl" 2>"$work/reader.log" || status=1
sed 's/^/    /' "$work/reader.log"
in_root timeout 60 /opt/venv/bin/python /opt/virtcam_reader.py snapshot /opt/aim.png --grid --config /opt/camera.toml |
    sed 's/^/    /' || status=1
in_root /opt/venv/bin/edge-digits read --format json /opt/frames/0.jpg >"$work/file.jsonl"
"$python" - "$work/file.jsonl" "$work/readings.jsonl" <<'PYTHON' || status=1
import json, sys
written = sorted(line["text"] for row in open(sys.argv[1]) for line in json.loads(row)["lines"])
readings = sorted(json.loads(row)["text"] for row in open(sys.argv[2]))
print("    from the file:", written)
print("    from the camera:", readings)
sys.exit(written != readings or not written)
PYTHON
say "done, status $status"
exit $status
