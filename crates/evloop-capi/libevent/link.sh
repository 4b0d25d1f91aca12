#!/bin/sh
# link.sh ARCHIVE FOLDER
# Links libevent-2.1.so.7 and libevent_core-2.1.so.7 into FOLDER from libevloop_capi.a, where libevent's functions have
# `ev2_` before their names. cargo can give a library one name, and that not one of these.
set -eu
archive=$1
folder=$2
exports=$(dirname "$0")/exports.txt

mkdir -p "$folder"
{
    echo '{ global:'
    sed 's/$/;/' "$exports"
    echo 'local: *; };'
} > "$folder/libevent.map"

for library in libevent-2.1 libevent_core-2.1; do
    # The names are split at white space on purpose.
    # shellcheck disable=SC2046
    cc -shared -o "$folder/$library.so.7" \
        -Wl,-soname,"$library.so.7" \
        -Wl,--version-script="$folder/libevent.map" \
        $(sed 's/\(.*\)/-Wl,--defsym=\1=ev2_\1/' "$exports") \
        -Wl,--gc-sections -Wl,-z,defs \
        "$archive" -lpthread -ldl -lm -lgcc_s -lc
done
