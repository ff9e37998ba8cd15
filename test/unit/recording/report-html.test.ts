// The report's page: everything is in it, nothing else runs, and what it shows of others is text.
import assert from "node:assert/strict";
import { reportHtml } from "../../../src/recording/file/report-html.ts";

const parts = { title: "sample", page: "page()", style: "p{}", host: "host()", recording: Uint8Array.of(1, 2, 3) };

describe("A report", () => {
  it("loads nothing, and runs its own two scripts alone", () => {
    const html = reportHtml(parts);
    const [, nonce] = /script-src 'nonce-([^']+)'/.exec(html) ?? [];
    assert.match(
      html,
      /content="default-src 'none'; script-src 'nonce-[^']+'; style-src 'nonce-[^']+' 'sha256-[^']+'"/,
    );
    const scripts = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes.trim());
    assert.deepEqual(scripts, ['type="text/plain" id="recording"', `nonce="${nonce}"`, `nonce="${nonce}"`]);
    assert.doesNotMatch(html, /https?:|src=|href=/);
    assert.notEqual(/nonce-([^']+)'/.exec(reportHtml(parts))?.[1], nonce);
  });

  it("takes a title for text, and ends no script early", () => {
    const html = reportHtml({ ...parts, title: '</title><script>x("', page: 'a="</script><!--<script>"' });
    assert.equal([...html.matchAll(/<script/g)].length, 4);
    assert.match(html, /&#60;\/title&#62;&#60;script&#62;x\(&#34;/);
    assert.match(html, /a="\\x3c\/script>\\x3c!--<script>"/);
  });

  it("holds the recording as it is", () => {
    const recording = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
    const [, text] = /id="recording">([^<]*)</.exec(reportHtml({ ...parts, recording })) ?? [];
    assert.deepEqual(Uint8Array.from(Buffer.from(text ?? "", "base64")), recording);
  });

  it("of a recording that no browser would open is refused", () => {
    const recording = { length: 200 * 1024 * 1024 } as Uint8Array;
    assert.throws(
      () => reportHtml({ ...parts, recording }),
      /200 MiB, and a report holds 128: send the \.writewatch file/,
    );
  });
});
