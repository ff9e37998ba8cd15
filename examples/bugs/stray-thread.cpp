// Four workers resize pictures, and each notes its progress for a bar on the screen. The queue takes 64 pictures at most; in the
// afternoon it takes none at all, and the log says that it is full at 3 of 3.
//
// The wrong value: `office.most`. It was 64, and no line of the queue ever assigns it.
#include <cstdio>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

constexpr int WORKERS = 4;

struct Office {
    int progress[WORKERS];
    int most;
    int waiting;
};

Office office = {{0, 0, 0, 0}, 64, 0};

// All start a round together, and the round is over when all are done.
pthread_barrier_t round_begins;
pthread_barrier_t round_ends;
constexpr int ROUNDS = 3;

int resize(int pictures) {
    int done = 0;
    for (int i = 0; i < pictures; i++) done += 1;
    return done;
}

// Workers are numbered from 1, as their names on the screen are.
void note_progress(int worker, int pictures) {
    int done = resize(pictures);
    office.progress[worker] = done;
}

// The last worker has the mail to do, and helps only when a round is a large one.
void help_out(int worker, int pictures) {
    int done = 0;
    done = resize(pictures);
    office.progress[worker] = done;
    std::this_thread::yield();
}

void work(int worker) {
    char name[16];
    std::snprintf(name, sizeof name, "worker %d", worker);
    pthread_setname_np(pthread_self(), name);
    for (int round = 1; round <= ROUNDS; round++) {
        pthread_barrier_wait(&round_begins);
        if (worker < WORKERS) note_progress(worker, 10 * round);
        else if (round == ROUNDS) help_out(worker, round);
        pthread_barrier_wait(&round_ends);
    }
}

void run_round() {
    pthread_barrier_wait(&round_begins);
    pthread_barrier_wait(&round_ends);
}

bool enqueue() {
    if (office.waiting == office.most) return false;
    office.waiting += 1;
    return true;
}

void afternoon() {
    enqueue();
    run_round();
    enqueue();
    run_round();
    enqueue();
    run_round();
    if (!enqueue()) std::printf("full at %d of %d\n", office.waiting, office.most);
}

}

int main() {
    pthread_barrier_init(&round_begins, nullptr, WORKERS + 1);
    pthread_barrier_init(&round_ends, nullptr, WORKERS + 1);
    std::vector<std::thread> workers;
    for (int i = 1; i <= WORKERS; i++) workers.emplace_back(work, i);
    afternoon();
    for (std::thread &worker : workers) worker.join();
    return 0;
}
