#!/usr/bin/env python3
"""A preforking server whose workers grow though they only read.

"We load the price list once, fork four workers, and they share it: so we thought. An hour later each worker has as much memory of
its own as the parent. Nobody writes to the list!"

    preforked.py [objects|array] [WORKERS]

Prints the processes' numbers. Each line on its input is a request to all workers: each adds up the whole list, and says so.
"""
import array
import os
import sys

PRICES = 400_000


def load(kind):
    prices = (number * 1.25 for number in range(PRICES))
    return array.array("d", prices) if kind == "array" else list(prices)


def work(prices, requests, answers):
    while os.read(requests, 1):
        # To look at an object is to write to it: CPython counts who refers to it, in the object itself.
        total = 0.0
        for price in prices:
            total += price
        os.write(answers, b".")


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "objects"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    prices = load(kind)
    workers = []
    answer, answers = os.pipe()
    for _ in range(count):
        requests, request = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(request)
            for _, other in workers:
                os.close(other)
            work(prices, requests, answers)
            os._exit(0)
        os.close(requests)
        workers.append((pid, request))
    print("parent", os.getpid(), "workers", *(pid for pid, _ in workers), flush=True)
    for _ in sys.stdin:
        for _, request in workers:
            os.write(request, b".")
        for _ in workers:
            os.read(answer, 1)
        print("done", flush=True)
    for pid, request in workers:
        os.close(request)
        os.waitpid(pid, 0)


main()
