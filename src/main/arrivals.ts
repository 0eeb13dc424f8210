/** Devices remembered; the oldest are forgotten, and at worst tried once more or later. */
const MOST = 100_000;

interface Place {
  organizationId: string;
  /** Undefined: all of the organization's. */
  externalDeviceId?: string | undefined;
}

/**
 * Who has come to listen for commands since one for it last found nobody: a gateway sees them come, where an engine can't
 * be asked who is there.
 */
export class Arrivals {
  readonly #came = new Map<string, number>();
  readonly #tried = new Map<string, number>();
  #moment = 0;

  came(place: Place): void {
    this.#note(this.#came, keyOf(place));
  }

  /** A command for it is on its way, and may find nobody. */
  tried(place: Place): void {
    this.#note(this.#tried, keyOf(place));
  }

  /** A command for it has been on its way from here lately. */
  wasTried(place: Place): boolean {
    return this.#tried.has(keyOf(place));
  }

  hasCome(place: Place): boolean {
    const { organizationId } = place;
    const came = Math.max(this.#came.get(keyOf(place)) ?? 0, this.#came.get(keyOf({ organizationId })) ?? 0);
    return came > (this.#tried.get(keyOf(place)) ?? 0);
  }

  #note(moments: Map<string, number>, key: string): void {
    // The map's order is that of the moments.
    moments.delete(key);
    moments.set(key, ++this.#moment);
    if (moments.size > MOST) moments.delete(moments.keys().next().value!);
  }
}

function keyOf({ organizationId, externalDeviceId }: Place): string {
  return externalDeviceId === undefined ? organizationId : `${organizationId}/${externalDeviceId}`;
}
