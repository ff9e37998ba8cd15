// A weather station sums up a week of rain. The warning comes at 80 mm in a week; this week had 41 mm, and it warns all the
// same: the limit has become 0.
//
// The wrong value: `limit`, a local of week(). It is set where it is declared, and never again.
#include <stdio.h>

enum { DAYS = 7 };

// A day's rain in mm; the list ends with a negative number, as the station's own files do.
struct file {
    const int *at;
};

static int take(struct file *file) {
    int value = *file->at;
    if (value >= 0) file->at++;
    return value < 0 ? 0 : value;
}

static int more(const struct file *file) { return *file->at >= 0; }

static int sum(const int *rain, int days) {
    int total = 0;
    for (int i = 0; i < days; i++) total += rain[i];
    return total;
}

static int highest(const int *rain, int days) {
    int most = 0;
    for (int i = 0; i < days; i++)
        if (rain[i] > most) most = rain[i];
    return most;
}

static int week(struct file file) {
    int day = 0;
    int peak = 0;
    int total = 0;
    int limit = 80;
    int rain[DAYS + 1];
    for (day = 0; more(&file); day++) {
        rain[day] = take(&file);
    }
    total = sum(rain, DAYS);
    peak = highest(rain, DAYS);
    printf("%d mm in %d days, %d mm at most, limit %d mm\n", total, day, peak, limit);
    return total > limit;
}

int main(void) {
    // The last two are of the week after: the file was copied while the station wrote it.
    static const int rain[] = {4, 0, 12, 9, 0, 16, 0, 3, 0, -1};
    struct file file = {rain};
    if (week(file)) puts("warning: floods are likely");
    return 0;
}
