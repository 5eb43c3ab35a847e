"""
Starts a program as systemd does, with listening sockets: sd_listen_fds(3).

    listen_fds.py NAME=127.0.0.1:4000 NAME=unix:/run/app.sock -- PROGRAM ARGUMENT ...

The program takes this process's place, and its id. WATCHDOG_PID is set where WATCHDOG_USEC is.
"""
import os
import socket
import sys


def listening(address):
    if address.startswith('unix:'):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(address[5:])
    else:
        host, port = address.rsplit(':', 1)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
    listener.listen(511)
    return listener


split = sys.argv.index('--')
sockets = [argument.split('=', 1) for argument in sys.argv[1:split]]
# Well above those where they are to be in the end.
high = [os.dup2(listening(address).detach(), 100 + index) for index, (_, address) in enumerate(sockets)]
for index, descriptor in enumerate(high):
    os.dup2(descriptor, 3 + index, inheritable=True)

pid = str(os.getpid())
if sockets:
    names = ':'.join(name for name, _ in sockets)
    os.environ.update(LISTEN_PID=pid, LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=names)
if 'WATCHDOG_USEC' in os.environ:
    os.environ['WATCHDOG_PID'] = pid
program = sys.argv[split + 1:]
os.execvp(program[0], program)
