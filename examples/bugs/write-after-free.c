// The desk of a small hotel: guests come and go, and the night's bills are written. Mrs. Silva has had one coffee for 3.50.
// Her bill says 17,000,003.50.
//
// The wrong value: `bill->cents`. It was right when the bill was written.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOMS = 4 };

struct guest {
    char name[24];
    long last_seen;
};

struct bill {
    char to[24];
    long cents;
};

struct hotel {
    struct guest *rooms[ROOMS];
    // Whoever came to the desk last is asked for at the phone.
    struct guest *at_the_desk;
    long now;
};

static void *get(size_t size) {
    void *block = malloc(size);
    if (!block) abort();
    return block;
}

static void check_in(struct hotel *hotel, int room, const char *name) {
    struct guest *guest = get(sizeof *guest);
    snprintf(guest->name, sizeof guest->name, "%s", name);
    guest->last_seen = hotel->now;
    hotel->rooms[room] = guest;
    hotel->at_the_desk = guest;
}

static void check_out(struct hotel *hotel, int room) {
    free(hotel->rooms[room]);
    hotel->rooms[room] = NULL;
}

static struct bill *write_bill(const char *to, long cents) {
    struct bill *written = get(sizeof *written);
    snprintf(written->to, sizeof written->to, "%s", to);
    written->cents = cents;
    return written;
}

static struct bill *night(struct hotel *hotel) {
    struct bill *bill = NULL;
    hotel->now += 60;
    check_out(hotel, 2);
    bill = write_bill("Mrs. Silva", 350);
    hotel->now += 60;
    hotel->rooms[1]->last_seen = hotel->now;
    hotel->at_the_desk->last_seen = hotel->now;
    hotel->now += 60;
    return bill;
}

int main(void) {
    struct hotel hotel = {.now = 1700000000 + 230};
    check_in(&hotel, 1, "Mrs. Silva");
    check_in(&hotel, 2, "Mr. Okafor");
    struct bill *bill = night(&hotel);
    printf("%s: %ld.%02ld\n", bill->to, bill->cents / 100, bill->cents % 100);
    free(bill);
    return 0;
}
