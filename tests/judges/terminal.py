"""Runs a full-screen program in a terminal until it shows what is expected.

usage: terminal.py PROGRAM ARGUMENT... -- KEY TEXT...

The terminal has 100 lines of 150 columns. Once all texts are on it, its lines are printed, KEY is pressed, and the program
must end with status 0. Ends with 1, and the last screen, if the texts do not all come or the program does not end.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

import pyte

LINES, COLUMNS = 100, 150
# Seconds that anything awaited may take. They end a hang, and decide nothing else.
PATIENCE = 600


def start(command):
    """Returns the process and this side of its terminal."""
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    return process, terminal


def show(terminal, stream, is_enough):
    """Shows what the program writes until it is enough; false if the time is over, or the program."""
    deadline = time.monotonic() + PATIENCE
    while not is_enough():
        if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            output = os.read(terminal, 65536)
        except OSError:  # Linux says so at the end.
            return False
        if not output:
            return False
        stream.feed(output)
    return True


def main(command, key, texts):
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    process, terminal = start(command)
    shown = show(terminal, stream, lambda: all(any(text in line for line in screen.display) for text in texts))
    print("\n".join(line.rstrip() for line in screen.display))
    os.write(terminal, key.encode())
    show(terminal, stream, lambda: False)
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if not shown or status:
        print(f"{command[0]}: shown: {shown}, status: {status}", file=sys.stderr)
    return 0 if shown and not status else 1


if __name__ == "__main__":
    end = sys.argv.index("--")
    sys.exit(main(sys.argv[1:end], sys.argv[end + 1], sys.argv[end + 2 :]))
