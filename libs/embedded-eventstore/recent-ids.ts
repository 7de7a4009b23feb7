/**
 * Where the latest events lie, by their ids: at least the last `atLeast` of them, at most twice as many. Two generations,
 * of which the older is dropped whole: taking entries out of a map one by one is far slower.
 */
export class RecentIds {
  private young = new Map<string, number>();
  private old = new Map<string, number>();

  constructor(readonly atLeast: number) {}

  set(id: string, position: number): void {
    if (this.young.size >= this.atLeast) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(id, position);
  }

  get(id: string): number | undefined {
    return this.young.get(id) ?? this.old.get(id);
  }
}
