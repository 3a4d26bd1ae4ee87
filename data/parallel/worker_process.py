"""The other end of :class:`LocalProcesses`: a process that answers on its standard output what it reads on its input.

A message is the number of its bytes, 8 bytes long, and a pickle of two things. The questions are a context, and items
with the function to call for them. Each has one answer: a result, or an error. A function that only prepares the
process has none.
"""

from __future__ import annotations

import os
import pickle
import struct
import traceback
from typing import Any, BinaryIO

LENGTH = struct.Struct("<Q")
PROTOCOL = 5
CONTEXT, ITEM, PREPARE = "context", "item", "prepare"  # questions
RETURNED, RAISED = "returned", "raised"  # answers


def encode_message(kind: str, content: Any) -> bytes:
    """Return a message as bytes."""
    body = pickle.dumps((kind, content), PROTOCOL)
    return LENGTH.pack(len(body)) + body


def read_message(stream: BinaryIO) -> tuple[str, Any]:
    """Read the kind and the content of a message.

    Raises
    ------
    EOFError
        If the process at the other end has ended.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    kind, content = pickle.loads(body)  # noqa: S301 - from the process that started this one, or was started by it
    return kind, content


def main() -> None:
    """Work on items until the parent closes the pipe, or has ended."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what a library prints must not reach the pipe
    context: Any = None
    while True:
        try:
            kind, content = read_message(questions)
            if kind == PREPARE:
                content()
                continue
            if kind == CONTEXT:
                context, result = content, None
            else:
                function, item = content
                result = function(context, item)
            answer = encode_message(RETURNED, result)
        except EOFError:
            return
        except Exception as error:
            answer = _encode_error(error)
        try:
            answers.write(answer)
            answers.flush()
        except BrokenPipeError:
            return


def _encode_error(error: Exception) -> bytes:
    error.add_note(f"In a worker process:\n{traceback.format_exc()}")
    try:
        message = encode_message(RAISED, error)
        pickle.loads(message[LENGTH.size :])  # noqa: S301 - some errors can be written, and not read
    except Exception:
        return encode_message(RAISED, RuntimeError(f"{type(error).__name__}: {error}"))
    return message


if __name__ == "__main__":
    main()
