// A map of 16,384 by 16,384 fields, a 32-bit kind each: 1 GiB, nearly all of it sea, which is 0 and takes no memory. A road is
// laid along the quay in row 700, as far as the map's eastern edge, with a wall at each end. In the far west, one row below, stood
// a lighthouse: and now a wall is there.
//
// The wrong value: `map[701 * 16384]`, the field at (0, 701). It was 7, a lighthouse.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 16384, HEIGHT = 16384 };
enum { SEA, LAND, ROAD = 5, WALL = 6, LIGHTHOUSE = 7 };

static uint32_t *map;
static long fields_laid;

struct strip {
    int row;
    int from;
    int length;
};

static uint32_t *field(int x, int y) { return &map[(size_t)y * WIDTH + (size_t)x]; }

static void fill(struct strip strip, uint32_t kind) {
    for (int x = strip.from; x < strip.from + strip.length; x++) *field(x, strip.row) = kind;
}

// A wall keeps the cars from driving on where the road ends.
static void lay_road(struct strip strip) {
    *field(strip.from - 1, strip.row) = WALL;
    fill(strip, ROAD);
    *field(strip.from + strip.length, strip.row) = WALL;
    fields_laid += strip.length;
}

static void raise_land(int left, int top, int right, int bottom) {
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) *field(x, y) = LAND;
}

static void build(void) {
    raise_land(100, 100, 160, 120);
    *field(0, 701) = LIGHTHOUSE;
    lay_road((struct strip){110, 101, 40});
    lay_road((struct strip){699, WIDTH - 30, 20});
    raise_land(9000, 9000, 9040, 9010);
    lay_road((struct strip){700, WIDTH - 10, 10});
    raise_land(300, 16000, 340, 16010);
    lay_road((struct strip){16005, 301, 30});
}

static const char *name(uint32_t kind) {
    switch (kind) {
    case SEA: return "sea";
    case LAND: return "land";
    case ROAD: return "road";
    case WALL: return "wall";
    case LIGHTHOUSE: return "lighthouse";
    default: return "unknown";
    }
}

int main(void) {
    map = calloc((size_t)WIDTH * HEIGHT, sizeof *map);
    if (!map) return 1;
    build();
    printf("(0, 701) is %s; %ld fields of road were laid\n", name(*field(0, 701)), fields_laid);
    free(map);
    return 0;
}
