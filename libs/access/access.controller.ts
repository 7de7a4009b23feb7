import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { type Actor, type CommandEnvelope, Commands, Repository } from '#event-sourcing';
import { personDecider } from '#people';
import { Forbidden, ROLES } from '#roles';
import { email, identifier, line, searchWords } from '#values';
import { answer, type CommandAnswer, CurrentActor, Envelope, type Reply, type Request, readOptions } from '#web-api';
import { Allow, Public, SESSION_COOKIE } from './access.guard.js';
import { Accounts } from './accounts.js';
import { credentialDecider } from './credential.js';
import { userCommands } from './user.js';
import { ListUsers, type UserView } from './user.queries.js';

const password = z.string().min(12, 'a password has at least 12 characters').max(200);
const signIn = z.strictObject({ email: searchWords(254), password: z.string().max(200) });
const tokenRequest = z.strictObject({ name: line(100) });
const newUser = z.strictObject({
  name: line(200),
  email,
  password,
  roles: z.array(z.enum(ROLES)).min(1),
});
const groups = userCommands.definitions.SetGroups.schema;
const onlyReadOptions = z.strictObject(readOptions);

interface Me {
  id: string;
  name: string;
  roles: string[];
}

@ApiTags('access')
@Controller()
export class AccessController {
  constructor(
    private readonly accounts: Accounts,
    private readonly repository: Repository,
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Post('session')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in with e-mail and password; the answer sets the session cookie' })
  async signIn(
    @Body({ schema: signIn }) body: z.infer<typeof signIn>,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Me> {
    const { user, secret, seconds } = await this.accounts.signIn(body.email, body.password);
    void reply.header('set-cookie', sessionCookie(secret, request, seconds));
    return this.me(user.id, user.roles);
  }

  @Get('session')
  @ApiOperation({ summary: 'Who is signed in' })
  session(@CurrentActor() actor: Actor): Promise<Me> {
    return this.me(actor.id, actor.roles ?? []);
  }

  @Delete('session')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out' })
  async signOut(@Req() request: Request, @Res({ passthrough: true }) reply: Reply): Promise<void> {
    await this.accounts.revoke(request.user!.credential);
    void reply.header('set-cookie', sessionCookie('', request, 0));
  }

  @Post('tokens')
  @ApiOperation({ summary: 'Issue a personal access token; it is shown this once only' })
  issueToken(
    @Body({ schema: tokenRequest }) { name }: z.infer<typeof tokenRequest>,
    @Envelope() envelope: CommandEnvelope,
  ): Promise<{ id: string; token: string }> {
    return this.accounts.issueToken(envelope.actor.id, name, envelope);
  }

  @Delete('tokens/:id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke one of your tokens' })
  async revokeToken(@Param('id', { schema: identifier }) id: string, @CurrentActor() actor: Actor): Promise<void> {
    const { state } = await this.repository.load(credentialDecider, id);
    if (state.phase !== 'none' && state.user !== actor.id) throw new Forbidden('RevokeToken', ['administrator']);
    await this.accounts.revoke(id);
  }

  @Get('users')
  @ApiOperation({ summary: 'The users, by name' })
  async users(@Query({ schema: onlyReadOptions }) _options: object): Promise<{ items: UserView[] }> {
    return { items: await this.queries.execute(new ListUsers()) };
  }

  @Post('users')
  @Allow('administrator')
  @ApiOperation({ summary: 'Register a user' })
  register(
    @Body({ schema: newUser }) body: z.infer<typeof newUser>,
    @Envelope() envelope: CommandEnvelope,
  ): Promise<{ id: string }> {
    return this.accounts.register(body, envelope);
  }

  @Put('users/:id/groups')
  @Allow('administrator')
  @ApiOperation({ summary: 'Say to which offices and units a user belongs' })
  async groups(
    @Param('id', { schema: identifier }) id: string,
    @Body({ schema: groups }) body: z.infer<typeof groups>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(userCommands, id, { type: 'SetGroups', ...body }, envelope));
  }

  private async me(id: string, roles: string[]): Promise<Me> {
    const { state } = await this.repository.loadCached(personDecider, id);
    return { id, name: state.phase === 'registered' ? state.particulars.name : id, roles };
  }
}

/** It lasts for so many seconds rather than until an instant: the browser's clock need not agree with the server's. */
function sessionCookie(value: string, request: Request, maxAge: number): string {
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: request.protocol === 'https',
    maxAge,
  });
}
