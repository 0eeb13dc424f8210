/** A rate that several share: whoever finds it spent stops reading, and is called when there is room again. */
export interface SharedRate {
  readonly spent: boolean;
  whenRoom(wake: () => void): void;
  forget(wake: () => void): void;
}
