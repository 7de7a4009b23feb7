import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Lifecycle, type LifecycleDefinition } from '#lifecycle';

@ApiTags('lifecycles')
@Controller('lifecycles')
export class LifecyclesController {
  constructor(private readonly lifecycle: Lifecycle) {}

  @Get()
  @ApiOperation({ summary: 'The lifecycle definitions in force' })
  list(): { items: LifecycleDefinition[] } {
    return { items: [this.lifecycle.definition] };
  }
}
