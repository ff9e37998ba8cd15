;; The hot loops of a stop with many written pages: a scan's regions become bits of a page set, and where copies of a page differ.
;; `node scripts/wasm.ts` makes pages.wasm.ts of this.
(module
  (import "js" "memory" (memory 0))

  ;; Sets the bits of ranges of bytes that all end within one chunk of 65,536 pages, and not with it.
  ;; $at, $end: the ranges, 24 bytes each, which begin with two 64-bit addresses; one at least. $bitmap: 8 KiB.
  ;; Result: how many runs the bitmap has now.
  (func (export "fillBitmap") (param $at i32) (param $end i32) (param $bitmap i32) (result i32)
    (local $start i32) (local $last i32) (local $place i32) (local $word i32) (local $bits i64) (local $runs i64)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    ;; $word: the place in the bitmap whose bits are gathered: to be stored once is quicker than a load and a store for each.
    (local.set $word (local.get $bitmap))
    (loop $ranges
      (local.set $start (i32.load (local.get $at)))
      ;; Of an address: bits 0 to 11 are the place in the page, 12 to 27 the page in the chunk; bits 18 to 27 its word.
      (local.set $place
        (i32.add (local.get $bitmap) (i32.and (i32.shr_u (local.get $start) (i32.const 15)) (i32.const 0x1ff8))))
      (if (i32.ne (local.get $place) (local.get $word))
        (then
          (i64.store (local.get $word) (i64.or (i64.load (local.get $word)) (local.get $bits)))
          (local.set $word (local.get $place))
          (local.set $bits (i64.const 0))))
      ;; A shift looks at the lowest six bits of its distance only.
      (local.set $last (i32.sub (i32.load offset=8 (local.get $at)) (i32.const 4096)))
      (if (i32.eq (local.get $start) (local.get $last))
        (then
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.shl (i64.const 1) (i64.extend_i32_u (i32.shr_u (local.get $start) (i32.const 12)))))))
        (else
          ;; The words that the range fills to their end, then the one in which it ends.
          (local.set $place
            (i32.add (local.get $bitmap) (i32.and (i32.shr_u (local.get $last) (i32.const 15)) (i32.const 0x1ff8))))
          (local.set $start (i32.shr_u (local.get $start) (i32.const 12)))
          (loop $words
            (if (i32.ne (local.get $word) (local.get $place))
              (then
                (i64.store (local.get $word)
                  (i64.or (i64.load (local.get $word))
                    (i64.or (local.get $bits) (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $start))))))
                (local.set $word (i32.add (local.get $word) (i32.const 8)))
                (local.set $bits (i64.const 0))
                (local.set $start (i32.const 0))
                (br $words))))
          (local.set $bits
            (i64.or (local.get $bits)
              (i64.and
                (i64.shl (i64.const -1) (i64.extend_i32_u (local.get $start)))
                (i64.shr_u (i64.const -1)
                  (i64.extend_i32_u (i32.xor (i32.shr_u (local.get $last) (i32.const 12)) (i32.const 63)))))))))
      (local.set $at (i32.add (local.get $at) (i32.const 24)))
      (br_if $ranges (i32.lt_u (local.get $at) (local.get $end))))
    (i64.store (local.get $word) (i64.or (i64.load (local.get $word)) (local.get $bits)))
    ;; A run begins at each bit set after a clear one. $bits: the word before.
    (local.set $bits (i64.const 0))
    (local.set $end (i32.add (local.get $bitmap) (i32.const 8192)))
    (loop $count
      (local.set $runs
        (i64.add (local.get $runs)
          (i64.popcnt
            (i64.and (i64.load (local.get $bitmap))
              (i64.xor (i64.const -1)
                (i64.or
                  (i64.shl (i64.load (local.get $bitmap)) (i64.const 1))
                  (i64.shr_u (local.get $bits) (i64.const 63))))))))
      (local.set $bits (i64.load (local.get $bitmap)))
      (local.set $bitmap (i32.add (local.get $bitmap) (i32.const 8)))
      (br_if $count (i32.lt_u (local.get $bitmap) (local.get $end))))
    (i32.wrap_i64 (local.get $runs)))

  ;; Finds the maximal runs of bytes in which two pages differ.
  ;; $a, $b: the pages. $spans: gets [start, end) offsets of 16 bits each, and has room for 2,048 of them. Result: how many runs.
  (func (export "differences") (param $a i32) (param $b i32) (param $spans i32) (result i32)
    (local $at i32) (local $next i32) (local $bits i32) (local $first i32) (local $length i32) (local $past i32)
    ;; $to: where the next span goes. $past: where the last one ends.
    (local $to i32)
    (local.set $to (local.get $spans))
    (local.set $past (i32.const -1))
    (loop $lines
      (local.set $next (i32.add (local.get $at) (i32.const 64)))
      (if
        (v128.any_true
          (v128.or
            (v128.or
              (v128.xor
                (v128.load (i32.add (local.get $a) (local.get $at)))
                (v128.load (i32.add (local.get $b) (local.get $at))))
              (v128.xor
                (v128.load offset=16 (i32.add (local.get $a) (local.get $at)))
                (v128.load offset=16 (i32.add (local.get $b) (local.get $at)))))
            (v128.or
              (v128.xor
                (v128.load offset=32 (i32.add (local.get $a) (local.get $at)))
                (v128.load offset=32 (i32.add (local.get $b) (local.get $at))))
              (v128.xor
                (v128.load offset=48 (i32.add (local.get $a) (local.get $at)))
                (v128.load offset=48 (i32.add (local.get $b) (local.get $at)))))))
        (then
          (loop $pieces
            ;; A bit for each of sixteen bytes that differ.
            (local.set $bits
              (i32.xor (i32.const 0xffff)
                (i8x16.bitmask
                  (i8x16.eq
                    (v128.load (i32.add (local.get $a) (local.get $at)))
                    (v128.load (i32.add (local.get $b) (local.get $at)))))))
            (loop $runs
              (if (local.get $bits)
                (then
                  (local.set $first (i32.ctz (local.get $bits)))
                  (local.set $length
                    (i32.ctz (i32.xor (i32.const -1) (i32.shr_u (local.get $bits) (local.get $first)))))
                  (local.set $bits
                    (i32.and (local.get $bits)
                      (i32.shl (i32.const -1) (i32.add (local.get $first) (local.get $length)))))
                  (local.set $first (i32.add (local.get $at) (local.get $first)))
                  (if (i32.ne (local.get $first) (local.get $past))
                    (then
                      (i32.store16 (local.get $to) (local.get $first))
                      (local.set $to (i32.add (local.get $to) (i32.const 4)))))
                  (local.set $past (i32.add (local.get $first) (local.get $length)))
                  (i32.store16 (i32.sub (local.get $to) (i32.const 2)) (local.get $past))
                  (br $runs))))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br_if $pieces (i32.lt_u (local.get $at) (local.get $next))))))
      (local.set $at (local.get $next))
      (br_if $lines (i32.lt_u (local.get $at) (i32.const 4096))))
    (i32.shr_u (i32.sub (local.get $to) (local.get $spans)) (i32.const 2)))
)
