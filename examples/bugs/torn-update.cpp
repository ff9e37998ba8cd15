// A savings club keeps, beside its payments, how many there are and what they come to. In the evening the mean is wrong: 5 payments,
// and a total of 4. Each payment was counted, and each function by itself looks right.
//
// The wrong value: `club.total`, or `club.payments`: they no longer belong together. Which line parted them?
#include <cstdio>
#include <cstring>

namespace {

struct Entry {
    char member[12];
    long cents;
};

struct Club {
    Entry entries[16];
    long payments;
    long total;
};

Club club;

// A name that is too long for the book is not taken.
bool copy_name(char (&to)[12], const char *name) {
    if (std::strlen(name) >= sizeof to) return false;
    std::strcpy(to, name);
    return true;
}

bool pay(const char *member, long cents) {
    Entry &entry = club.entries[club.payments];
    club.payments += 1;
    entry.cents = cents;
    if (!copy_name(entry.member, member)) return false;
    club.total += cents;
    return true;
}

bool repay(const char *member, long cents) {
    return pay(member, -cents);
}

void evening() {
    pay("Amara", 500);
    pay("Bo", 500);
    repay("Bo", 200);
    pay("Maximilienne", 900);
    pay("Chidi", 400);
}

}

int main() {
    evening();
    long sum = 0;
    for (long i = 0; i < club.payments; i++) sum += club.entries[i].cents;
    std::printf("%ld payments, total %ld; the book's entries come to %ld\n", club.payments, club.total, sum);
    return 0;
}
