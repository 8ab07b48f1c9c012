#!/bin/sh
# Lays out what an image without a distribution needs: the program, its libraries, and the roots for checking the
# gateway's certificate. Everything comes from this machine; nothing is pulled.
#
#   cargo build --release -p miniauth-cli
#   sh deploy/rootfs.sh target/release/miniauth image
#   podman build -f deploy/Containerfile.scratch -t miniauth .        (or buildah bud, or docker build)
set -eu

program=$1
rootfs=$2/root
own=$2/own
roots=${3:-/etc/ssl/certs/ca-certificates.crt}

mkdir -p "$rootfs/usr/local/bin" "$rootfs/etc/ssl/certs" "$own/var/lib/miniauth" "$own/tmp"
cp "$program" "$rootfs/usr/local/bin/miniauth"
cp "$roots" "$rootfs/etc/ssl/certs/ca-certificates.crt"
# Every path that ldd prints, including the loader's.
ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$rootfs$(dirname "$library")"
    cp -L "$library" "$rootfs$library"
done
