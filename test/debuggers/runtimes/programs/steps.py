import sys
import threading
import time


ticks = 0
counters = bytearray(3 * 4096)
table = {}


def tick():
    global ticks
    for _ in range(20):
        time.sleep(0.001)
        ticks += 1


def work(count):
    counters[5000] = count
    table[count] = "x" * 5000
    values = [count] * 2000
    total = sum(values) + counters[5000]
    return total


def main():
    if len(sys.argv) > 1:
        print("ready", flush=True)
        sys.stdin.readline()
    thread = threading.Thread(target=tick)
    thread.start()
    total = 0
    for count in range(1, 4):
        total += work(count)
    thread.join()
    print("total", total, ticks)


main()
