// Codes of the agent's error responses, beside those of JSON-RPC itself.

/** The response's data is a KernelError's; JSON-RPC leaves the codes above -32000 to applications. */
export const KERNEL_ERROR = 1;
/** The request was cancelled by its sender (RequestCancelled of the Language Server Protocol). */
export const CANCELLED = -32800;
