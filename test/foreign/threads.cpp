// Eight threads that fill, sort and throw away the standard library's containers; their sum is the same however they are scheduled.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

static std::mutex guard;
static std::map<std::string, std::uint64_t> shared_map;

struct Node {
  std::vector<std::uint64_t> values;
  std::shared_ptr<Node> next;
};

extern "C" __attribute__((noinline)) std::uint64_t fold(const std::vector<std::uint64_t> &values, std::uint64_t seed) {
  return std::accumulate(values.begin(), values.end(), seed, [](std::uint64_t sum, std::uint64_t value) { return sum * 31 + value; });
}

static std::uint64_t work(std::uint64_t number) {
  std::uint64_t state = number * 7919 + 1, sum = 0;
  auto random = [&state] { return state = state * 6364136223846793005u + 1442695040888963407u, state >> 33; };
  std::unordered_map<std::uint64_t, std::string> names;
  std::shared_ptr<Node> list;
  for (int round = 0; round < 300000; round++) {
    std::vector<std::uint64_t> values(random() % 400 + 10);
    std::generate(values.begin(), values.end(), random);
    std::sort(values.begin(), values.end());
    values.erase(values.begin() + values.size() / 2, values.end());
    sum = fold(values, sum);
    names[random() % 500] = std::string(random() % 200, 'a' + round % 26);
    list = round % 50 == 0 ? nullptr : std::make_shared<Node>(Node{std::move(values), list});
    if (round % 4 == 0) {
      std::lock_guard<std::mutex> held(guard);
      shared_map["key " + std::to_string(random() % 300)] += number;
      if (shared_map.size() > 250) shared_map.erase(shared_map.begin());
    }
  }
  for (auto &[key, name] : names) sum += key * name.size();
  return sum;
}

int main() {
  std::vector<std::thread> threads;
  std::vector<std::uint64_t> sums(8);
  for (std::uint64_t i = 0; i < sums.size(); i++) threads.emplace_back([&sums, i] { sums[i] = work(i); });
  for (auto &thread : threads) thread.join();
  std::printf("%llx\n", (unsigned long long)fold(sums, 0));
  return 6;
}
