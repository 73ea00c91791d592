#!/usr/bin/env bash
# usage: packages.sh [java] [maven] [browser]
# Makes sure of the system's programs that a part needs. Root: missing Debian packages are installed.
# An ordinary user: stops at once with exit code 3 and names them.
set -euo pipefail

user=${LIANBAN_USER_ID:-$(id -u)}   # set only to try the ordinary user's answer
packages=()

missing_program() { ! command -v "$1" >/dev/null 2>&1; }

for part in "$@"; do
  case $part in
    java)
      if missing_program "${JAVA_HOME:+$JAVA_HOME/bin/}java"; then packages+=(default-jre-headless); fi ;;
    maven)
      if missing_program mvn; then packages+=(maven); fi ;;
    browser)
      if missing_program chromium; then packages+=(chromium); fi
      if [ ! -e /usr/share/fonts/truetype/wqy/wqy-microhei.ttc ]; then packages+=(fonts-wqy-microhei); fi ;;
    *) echo "packages.sh: unknown part: $part (java, maven, browser)" >&2; exit 2 ;;
  esac
done

[ ${#packages[@]} -gt 0 ] || exit 0

if [ "$user" != 0 ]; then
  echo "缺少系统软件包，请管理员安装后重试：${packages[*]}" >&2
  echo "System packages are missing; ask an administrator to install them, then try again:" >&2
  echo "  apt-get install ${packages[*]}" >&2
  exit 3
fi

echo "Installing ${packages[*]} …" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
