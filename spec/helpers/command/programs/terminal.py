"""
Runs a program in a terminal of its own, which is closed when this process's stdin ends.

    terminal.py PROGRAM ARGUMENT ...

Prints what the program writes to its terminal, and at the end how it ended: `exit 0`, `signal 1`.
"""
import os
import pty
import select
import signal
import sys

# One that does not end by itself is killed.
DEADLINE_S = 10

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    readable, _, _ = select.select([terminal, sys.stdin], [], [])
    if terminal in readable:
        os.write(1, os.read(terminal, 65536))
    elif os.read(0, 1) == b'':
        break
os.close(terminal)
signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
signal.alarm(DEADLINE_S)
_, status = os.waitpid(pid, 0)
how = f'signal {os.WTERMSIG(status)}' if os.WIFSIGNALED(status) else f'exit {os.WEXITSTATUS(status)}'
os.write(1, f'{how}\n'.encode())
