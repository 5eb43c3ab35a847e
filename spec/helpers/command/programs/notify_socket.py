"""
Receives what services tell systemd: sd_notify(3).

    notify_socket.py PATH

Prints a line of JSON for each datagram: its assignments, the id of the process that it is from, and when it came.
"""
import array
import json
import os
import socket
import struct
import sys
import time

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
receiver.bind(sys.argv[1])
print(json.dumps({'bound': True}), flush=True)
while True:
    text, ancillary, _, _ = receiver.recvmsg(65536, 4096)
    message = {'usec': time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}
    message.update(line.split('=', 1) for line in text.decode().splitlines())
    for level, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            message['sender'] = struct.unpack('3i', data)[0]
        elif kind == socket.SCM_RIGHTS:
            # Who sends a descriptor along waits until it is closed.
            for descriptor in array.array('i', data):
                os.close(descriptor)
    print(json.dumps(message), flush=True)
