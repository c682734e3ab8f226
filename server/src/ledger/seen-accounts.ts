/** Of all projects; beyond it everything is forgotten. */
const MAX_SEEN = 200_000;

/**
 * Accounts that this process knows to be there, so that it need not ask. They are never removed; and one that it takes
 * to be there and is not, as after a database was put back, is opened all the same.
 */
export class SeenAccounts {
  readonly #byProject = new Map<string, Set<string>>();
  #count = 0;

  unseen(projectId: string, accountIds: readonly string[]): readonly string[] {
    const seen = this.#byProject.get(projectId);
    return seen ? accountIds.filter((id) => !seen.has(id)) : accountIds;
  }

  add(projectId: string, accountIds: readonly string[]): void {
    if (this.#count + accountIds.length > MAX_SEEN) {
      this.#byProject.clear();
      this.#count = 0;
    }
    const seen = this.#byProject.get(projectId) ?? new Set();
    this.#byProject.set(projectId, seen);
    this.#count += accountIds.length;
    for (const id of accountIds) seen.add(id);
  }
}
