// Lets a test inside VS Code drive the browser window around it: clicks, keys, pictures, the webview's page.
import { request } from "node:http";
import { DRIVER_ADDRESS, type DriverAnswer, type DriverRequest } from "./runner/driver-requests.ts";

/** False in a desktop VS Code: there is no browser to ask. */
export function hasDriver(): boolean {
  return process.env[DRIVER_ADDRESS] !== undefined;
}

/** Put first in a test that can't do without: elsewhere it is skipped, and the report says why. */
export function needsDriver(test: Mocha.Context): void {
  if (hasDriver()) return;
  if (test.test) test.test.title += " (needs the browser driver: npm test -- workbench)";
  test.skip();
}

export async function drive(what: DriverRequest): Promise<unknown> {
  const answer = await post(what);
  if ("error" in answer) throw new Error(`The browser driver could not ${what.do}: ${answer.error}`);
  return answer.value;
}

function post(what: DriverRequest): Promise<DriverAnswer> {
  const address = process.env[DRIVER_ADDRESS];
  if (!address) throw new Error(`No browser driver: ${DRIVER_ADDRESS} is not set. Run npm test -- workbench.`);
  return new Promise((resolve, reject) => {
    const message = request(address, { method: "POST" }, response => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(JSON.parse(text)));
      response.on("error", reject);
    });
    message.on("error", reject);
    message.end(JSON.stringify(what));
  });
}
