// Which memory is armed: what is chosen and nothing else, and chosen anew while armed, on both kernels.
import assert from "node:assert/strict";
import fc from "fast-check";
import { findMapping } from "../../src/memory/mapping.ts";
import { PAGE_SIZE, pageOf } from "../../src/memory/page.ts";
import { PageSet } from "../../src/memory/page-set.ts";
import type { MemoryChoice, PagesRule } from "../../src/tracker/choice.ts";
import { DEFAULT_ARM_OPTIONS } from "../../src/tracker/policy.ts";
import type { Layout } from "../../src/tracker/reports.ts";
import { KERNELS, TrackedTarget } from "./tracked.ts";

const PAGES = 8;
const BYTES = PAGES * PAGE_SIZE;

const nameAt = ({ mappings }: Layout, page: number): string => mappings[findMapping(mappings, page)]?.name ?? "";

const pagesRule = (address: number, from: number, to: number): PagesRule => ({
  start: pageOf(address) + from,
  end: pageOf(address) + to,
  words: "by the test",
});

for (const kernel of KERNELS) {
  describe(`On the ${kernel} kernel, what is chosen`, () => {
    let tracked: TrackedTarget;
    const write = (address: number, page: number, count = 1): Promise<number> =>
      tracked.target.do("write", address + page * PAGE_SIZE, count * PAGE_SIZE, PAGE_SIZE);

    beforeEach(() => {
      tracked = TrackedTarget.on(kernel);
    });
    afterEach(() => tracked.close());

    it("is armed to the page, and what is not is listed with the reason", async () => {
      const address = await tracked.target.map(BYTES);
      await tracked.arm({ ...DEFAULT_ARM_OPTIONS, watch: [pagesRule(address, 2, 5)] });
      await write(address, 0, PAGES);
      assert.deepEqual(await tracked.writtenIn(address, BYTES), [2, 3, 4]);
      const listed = (tracked.armed?.notArmed ?? []).filter(({ start, end }) => {
        const first = pageOf(address);
        return start < first + PAGES && first < end;
      });
      assert.equal(listed.length, 2);
      for (const { reason } of listed) assert.match(reason, /not chosen: no rule of writewatch\.watch names it/);
    });

    it("stays armed without losing a write while other memory comes and goes", async () => {
      const [stays, goes, comes] = [
        await tracked.target.map(BYTES),
        await tracked.target.map(BYTES),
        await tracked.target.map(BYTES, 0, true),
      ];
      await tracked.arm({ ...DEFAULT_ARM_OPTIONS, watch: [pagesRule(stays, 0, 8), pagesRule(goes, 0, 8)] });
      for (const address of [stays, goes, comes]) await write(address, 1, 2);
      const answer = await tracked.tracker.choose({ watch: [pagesRule(stays, 0, 8), pagesRule(comes, 0, 8)] });
      assert.ok(answer.layout.armed.some(({ start }) => start === pageOf(comes)));
      const { written } = await tracked.step();
      const told = (address: number): number => written.countIn(pageOf(address), pageOf(address) + PAGES);
      assert.deepEqual([told(stays), told(goes), told(comes)], [2, 2, 0], "what was written while it was armed");
      for (const address of [stays, goes, comes]) await write(address, 3, 2);
      assert.deepEqual(await tracked.writtenIn(stays, BYTES), [3, 4]);
      for (const address of [stays, goes, comes]) await write(address, 5);
      assert.deepEqual(await tracked.writtenIn(goes, BYTES), []);
      for (const address of [stays, goes, comes]) await write(address, 6);
      assert.deepEqual(await tracked.writtenIn(comes, BYTES), [6]);
    });

    it("is armed again as it was, after it was left out for a while", async () => {
      const address = await tracked.target.map(BYTES);
      const [first, second] = [pagesRule(address, 0, 2), pagesRule(address, 2, 4)];
      await tracked.arm({ ...DEFAULT_ARM_OPTIONS, watch: [first] });
      for (const [watch, told] of [
        [[second], [2]],
        [
          [first, second],
          [0, 2],
        ],
        [[first], [0]],
        [[second], [2]],
        [
          [first, second],
          [1, 3],
        ],
      ] as const) {
        const { layout } = await tracked.tracker.choose({ watch });
        const kernels = layout.armed.filter(({ start }) => /^\[v/.test(nameAt(layout, start)));
        assert.deepEqual(kernels, [], "the kernel's own memory");
        const odd = told.length === 2 && told[0] === 1 ? 1 : 0;
        for (const page of [odd, 2 + odd]) await write(address, page);
        assert.deepEqual(await tracked.writtenIn(address, BYTES), told);
      }
    });

    it("is left out where a rule says so, though its kind is chosen", async () => {
      const address = await tracked.target.map(BYTES);
      await tracked.arm({
        ...DEFAULT_ARM_OPTIONS,
        watch: [...DEFAULT_ARM_OPTIONS.watch, { not: pagesRule(address, 0, 3) }],
      });
      await write(address, 0, PAGES);
      assert.deepEqual(await tracked.writtenIn(address, BYTES), [3, 4, 5, 6, 7]);
      const other = await tracked.target.map(BYTES);
      await write(other, 0);
      assert.deepEqual(await tracked.writtenIn(other, BYTES), [0], "memory that comes later is of the chosen kind");
    });
  });
}

describe("Whatever is chosen while a program is armed,", () => {
  type Operation = { readonly write: number } | { readonly choose: readonly [number, number][]; readonly not: boolean };
  const page = fc.integer({ min: 0, max: 2 * PAGES - 1 });
  const range = fc
    .tuple(page, fc.integer({ min: 1, max: PAGES }))
    .map(([from, count]): [number, number] => [from, from + count]);
  const operation: fc.Arbitrary<Operation | "step"> = fc.oneof(
    { weight: 5, arbitrary: page.map(write => ({ write })) },
    { weight: 2, arbitrary: fc.constant("step" as const) },
    {
      weight: 2,
      arbitrary: fc.record({ choose: fc.array(range, { maxLength: 3 }), not: fc.boolean() }),
    },
  );

  it("every write to a page that was armed then is told once, and no other", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(operation, { minLength: 5, maxLength: 25 }),
        async (shared, operations) => {
          const tracked = TrackedTarget.on("simulated");
          try {
            const address = await tracked.target.map(2 * BYTES, 0, shared);
            const first = pageOf(address);
            const whole = PageSet.of(0, 2 * PAGES);
            let armed = whole;
            let due = PageSet.EMPTY;
            await tracked.arm();
            const step = async (): Promise<void> => {
              const { written } = await tracked.step();
              const told = [...written.clip(first, first + 2 * PAGES).pairs()].map(([start, end]) => [
                start - first,
                end - first,
              ]);
              assert.deepEqual(told, [...due.pairs()]);
              due = PageSet.EMPTY;
            };
            for (const operation of operations) {
              if (operation === "step") await step();
              else if ("write" in operation) {
                const { write } = operation;
                await tracked.target.do("write", address + write * PAGE_SIZE, PAGE_SIZE, PAGE_SIZE);
                if (armed.has(write)) due = due.union(PageSet.of(write, write + 1));
              } else {
                const rules = operation.choose.map(([from, to]) => pagesRule(address, from, to));
                const named = PageSet.from(operation.choose).intersect(whole);
                const choice: MemoryChoice = operation.not
                  ? { watch: [...DEFAULT_ARM_OPTIONS.watch, ...rules.map(rule => ({ not: rule }))] }
                  : { watch: rules };
                armed = operation.not ? whole.subtract(named) : named;
                const { layout } = await tracked.tracker.choose(choice);
                const now = PageSet.from(layout.armed.map(({ start, end }) => [start, end] as const));
                assert.deepEqual(
                  [...now.clip(first, first + 2 * PAGES).pairs()],
                  [...armed.pairs()].map(([from, to]) => [from + first, to + first]),
                );
              }
            }
            await step();
          } finally {
            tracked.close();
          }
        },
      ),
      { numRuns: 150 },
    );
  }).timeout(60_000);
});
