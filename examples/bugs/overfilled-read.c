// A meter sends readings through a pipe: a length, then a text. The house's tariff was set to 31 cents when it was connected.
// After some readings the bill is computed with 926,233,646 cents a unit.
//
// The wrong value: `meter.tariff`. It was 31, and the program assigns it in one place only, before the first reading.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct meter {
    char text[16];
    int32_t tariff;
    int32_t units;
};

static struct meter meter;

static void must(int holds, const char *what) {
    if (holds) return;
    perror(what);
    exit(1);
}

// What the meter sends: one byte of length, and the text.
static void transmit(int to, const char *text) {
    unsigned char length = (unsigned char)strlen(text);
    must(write(to, &length, 1) == 1, "write");
    must(write(to, text, length) == length, "write");
}

static unsigned char length_of_next(int from) {
    unsigned char length = 0;
    must(read(from, &length, 1) == 1, "read");
    return length;
}

// "kWh=0000017": the text has no end of its own.
static int units_in(const char *text, unsigned char length) {
    char copy[UCHAR_MAX + 1] = "";
    memcpy(copy, text, length);
    return atoi(copy + strlen("kWh="));
}

static long long take_readings(int from, int count) {
    unsigned char length = 0;
    meter.tariff = 31;
    for (int i = 0; i < count; i++) {
        length = length_of_next(from);
        must(read(from, meter.text, length) == length, "read");
        meter.units = units_in(meter.text, length);
    }
    return (long long)meter.units * meter.tariff;
}

int main(void) {
    int ends[2];
    must(pipe(ends) == 0, "pipe");
    transmit(ends[1], "kWh=0000017");
    transmit(ends[1], "kWh=000000000018.457");
    transmit(ends[1], "kWh=0000019");
    long long cents = take_readings(ends[0], 3);
    printf("%d units at %d cents: %lld cents\n", meter.units, meter.tariff, cents);
    return 0;
}
