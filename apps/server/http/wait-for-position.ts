import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { Projector } from '#read-store';
import { ReadModelsBehind, type Request } from '#web-api';

const MOST_WAIT_MS = 10_000;

/** Lets a read with `?after=<position>` see what the command answered with that position did. */
@Injectable()
export class WaitForPosition implements NestInterceptor {
  constructor(private readonly projector: Projector) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const after = (request.query as { after?: string } | undefined)?.after;
    if (request.method === 'GET' && after !== undefined && /^\d{1,19}$/.test(after)) {
      if (!(await this.projector.waitFor(BigInt(after), MOST_WAIT_MS))) throw new ReadModelsBehind(after);
    }
    return next.handle();
  }
}
