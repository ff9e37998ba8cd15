// Layouts told by what changed of them.
import assert from "node:assert/strict";
import fc from "fast-check";
import { applyPatch, patchBetween, sameLayout } from "../../src/tracker/layout-patch.ts";
import { EMPTY_LAYOUT, type Layout } from "../../src/tracker/reports.ts";

/** Items of a list in address order, that may differ in what they say of the same place. */
const items = fc
  .uniqueArray(fc.record({ start: fc.nat(40), name: fc.constantFrom("a", "b") }), { selector: ({ start }) => start })
  .map(list => list.sort((a, b) => a.start - b.start).map(({ start, name }) => ({ start, end: start + 1, name })));

const ways = fc.uniqueArray(fc.constantFrom("libaio", "io_uring"));

const layouts: fc.Arbitrary<Layout> = fc
  .record({ mappings: items, armed: items, notArmed: items, unseen: items, pinnedElsewhere: fc.nat(3), inFlight: ways })
  .map(({ mappings, armed, notArmed, unseen, pinnedElsewhere, inFlight }) => ({
    revision: 0,
    pinnedElsewhere,
    inFlight,
    armed: armed.map(({ start, end, name }) => ({ start, end, way: name === "a" ? "complete" : "populated" }) as const),
    notArmed: notArmed.map(item => ({ ...item, reason: item.name })),
    unseen: unseen.map(item => ({ ...item, reason: item.name })),
    mappings: mappings.map(({ start, end, name }) => ({
      ...{ start, end, name },
      ...{ permissions: "rw-p", offset: 0, device: "00:00", inode: 0 },
    })),
  }));

describe("A layout", () => {
  it("follows from the one before by what changed, and shares the rest with it", () => {
    fc.assert(
      fc.property(layouts, layouts, (first, second) => {
        const [before, now] = [
          { ...first, revision: 3 },
          { ...second, revision: 4 },
        ];
        const crossed = structuredClone(patchBetween(before, now));
        const after = applyPatch(before, crossed);
        assert.deepEqual(after, now);
        for (const [i, mapping] of after.mappings.entries()) {
          const known = before.mappings.find(({ start }) => start === mapping.start);
          if (known && known.name === mapping.name) assert.equal(after.mappings[i], known);
        }
        const changes = crossed.mappings.reduce((sum, { insert }) => sum + insert.length, 0);
        const fresh = now.mappings.filter(
          ({ start, name }) => !before.mappings.some(known => known.start === start && known.name === name),
        );
        assert.equal(changes, fresh.length, "nothing is sent that is known");
      }),
    );
  });

  it("is the same whatever its revision where nothing in it differs", () => {
    fc.assert(
      fc.property(layouts, layouts, (one, other) => {
        assert.ok(sameLayout(one, structuredClone({ ...one, revision: 7 })));
        const { inFlight, pinnedElsewhere, ...lists } = patchBetween(one, other);
        const isEmpty = Object.values(lists).every(part => !Array.isArray(part) || part.length === 0);
        const isSame = pinnedElsewhere === one.pinnedElsewhere && inFlight.join() === one.inFlight.join();
        assert.equal(sameLayout(one, other), isEmpty && isSame);
      }),
    );
  });

  it("refuses a change that belongs on another, and takes a whole layout in its place", () => {
    fc.assert(
      fc.property(layouts, layouts, (before, now) => {
        const patch = patchBetween({ ...before, revision: 2 }, now);
        assert.throws(() => applyPatch({ ...before, revision: 1 }, patch), /layout 2 can't be applied to layout 1/);
        assert.deepEqual(applyPatch({ ...before, revision: 1 }, patchBetween(EMPTY_LAYOUT, now)), now);
      }),
    );
  });
});
