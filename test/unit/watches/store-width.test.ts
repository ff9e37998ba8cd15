// The width of a store is read from its instruction's code; the code is what an assembler makes of the text beside it.
import assert from "node:assert/strict";
import { storeWidth } from "../../../src/kernel/linux/store-width.ts";

const STORES: readonly (readonly [string, string, number | undefined])[] = [
  ["mov %al,(%rbx)", "88 03", 1],
  ["mov %ax,(%rbx)", "66 89 03", 2],
  ["mov %eax,0x10(%rbx)", "89 43 10", 4],
  ["mov %rax,(%rbx)", "48 89 03", 8],
  ["mov %r9,(%r8)", "4d 89 08", 8],
  ["movb $5,(%rbx)", "c6 03 05", 1],
  ["movw $5,(%rbx)", "66 c7 03 05 00", 2],
  ["movl $0x6c726f77,(%rax)", "c7 00 77 6f 72 6c", 4],
  ["movq $5,(%rbx)", "48 c7 03 05 00 00 00", 8],
  ["addb $1,(%rbx)", "80 03 01", 1],
  ["addl $1,(%rbx)", "83 03 01", 4],
  ["add %rax,(%rbx)", "48 01 03", 8],
  ["xor %al,(%rbx)", "30 03", 1],
  ["incq (%rbx)", "48 ff 03", 8],
  ["push %rbp", "55", 8],
  ["pushq (%rax)", "ff 30", 8],
  ["call", "e8 00 00 00 00", 8],
  ["lock xadd %eax,(%rbx)", "f0 0f c1 03", 4],
  ["lock cmpxchg %rcx,(%rbx)", "f0 48 0f b1 0b", 8],
  ["cmpxchg16b (%rbx)", "48 0f c7 0b", 16],
  ["xchg %eax,(%rbx)", "87 03", 4],
  ["sete (%rbx)", "0f 94 03", 1],
  ["movss %xmm0,(%rbx)", "f3 0f 11 03", 4],
  ["movsd %xmm0,(%rbx)", "f2 0f 11 03", 8],
  ["movups %xmm0,(%rbx)", "0f 11 03", 16],
  ["movaps %xmm0,(%rbx)", "0f 29 03", 16],
  ["movdqu %xmm0,(%rbx)", "f3 0f 7f 03", 16],
  ["movq %xmm0,(%rbx)", "66 0f d6 03", 8],
  ["movd %xmm0,(%rbx)", "66 0f 7e 03", 4],
  ["vmovdqu %ymm0,(%rbx)", "c5 fe 7f 03", 32],
  ["vmovups %xmm0,(%rbx)", "c5 f8 11 03", 16],
  ["vmovsd %xmm0,(%rbx)", "c5 fb 11 03", 8],
  ["vmovdqu %ymm0,(%r8)", "c4 c1 7e 7f 00", 32],
  ["vmovdqu64 %zmm0,(%rbx)", "62 f1 fe 48 7f 03", 64],
  ["vmovdqu64 %ymm16,(%rbx)", "62 e1 fe 28 7f 03", 32],
  ["stos %eax,(%rdi)", "ab", 4],
  ["rep stos %al,(%rdi)", "f3 aa", Infinity],
  ["rep movsq", "f3 48 a5", Infinity],
  ["ud2", "0f 0b", undefined],
];

describe("The width of a store", () => {
  for (const [text, code, width] of STORES) {
    it(`${text}: ${width ?? "not known"}`, () => {
      const bytes = Uint8Array.from(code.split(" "), byte => Number.parseInt(byte, 16));
      assert.equal(storeWidth(bytes), width);
    });
  }

  it("reads nothing behind code that is cut off", () => {
    for (const [, code] of STORES) {
      const bytes = Uint8Array.from(code.split(" "), byte => Number.parseInt(byte, 16));
      for (let length = 0; length < bytes.length; length += 1) {
        const width = storeWidth(bytes.subarray(0, length));
        assert.ok(width === undefined || width > 0);
      }
    }
  });
});
