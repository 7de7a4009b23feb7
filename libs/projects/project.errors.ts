import { Refusal } from '#event-sourcing';

/** Thrown when a project of this id exists already. */
export class ProjectExists extends Refusal {
  readonly code = 'PROJECT.EXISTS';
  constructor() {
    super('There is already a project under this id.');
  }
}

/** Thrown when the project's status does not allow what was asked for. */
export class ProjectStatusForbids extends Refusal {
  readonly code = 'PROJECT.STATUS_FORBIDS';
  override readonly details: Record<string, unknown>;
  constructor(status: string, what: string, allowed: string[]) {
    super(`A project that is ${status} cannot be ${what}. That is possible while it is: ${allowed.join(', ')}.`);
    this.details = { projectStatus: status, allowed };
  }
}

/** Thrown when there is no such milestone, or it is closed. */
export class MilestoneUnknown extends Refusal {
  readonly code = 'PROJECT.MILESTONE_UNKNOWN';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(milestone: string, allowed: string[]) {
    super(`There is no open milestone '${milestone}'.`);
    this.details = { field: 'milestone', allowed };
  }
}

/** Thrown when a project has as many milestones as it may have. */
export class MilestonesFull extends Refusal {
  readonly code = 'PROJECT.MILESTONES_FULL';
  override readonly details: Record<string, unknown>;
  constructor(most: number) {
    super(`A project has ${most} milestones at most. Divide it, or keep the finer plan elsewhere.`);
    this.details = { most };
  }
}

/** Thrown when a milestone of this id was planned before, otherwise. */
export class MilestoneExists extends Refusal {
  readonly code = 'PROJECT.MILESTONE_EXISTS';
  constructor(milestone: string) {
    super(`There is already a milestone '${milestone}'.`);
  }
}
