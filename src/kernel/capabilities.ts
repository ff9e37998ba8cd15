// What a kernel offers for tracking, as it is told across processes.

export interface CapabilityReport {
  readonly pagemapScan: boolean;
  /** Category bits the kernel knows. */
  readonly categories: number;
  readonly userfaultfd: boolean;
  /** Features the kernel offers (UffdFeature bits), 0 where there is no userfaultfd. */
  readonly features: number;
  /** Whether it keeps soft-dirty bits: by those less can be told, where asynchronous write protection is not to be had. */
  readonly softDirty?: boolean | undefined;
  /** Empty where tracking works; else sentences on what is missing and the remedy. */
  readonly problems: readonly string[];
}
