// Temperatures, in NestJS: a controller, an interceptor in RxJS, and server-sent events from an Observable.
//
//     npm install @nestjs/common @nestjs/core @nestjs/platform-express reflect-metadata rxscgi rxjs
//     npx tsc --module nodenext --target es2023 --experimentalDecorators --emitDecoratorMetadata main.ts     or: nest build
//     npx rxscgi serve main.js --listen 127.0.0.1:4000      behind a web server, see docs/recipes/nginx.md
//
// It is NestJS's own HTTP adapter that `rxscgi` runs: app.init() in the place of app.listen().
import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  Sse,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type MessageEvent,
  type NestInterceptor,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Subject, map, startWith, type Observable } from 'rxjs';
import 'reflect-metadata';

interface Reading {
  readonly celsius: number;
}

@Injectable()
export class Thermometer {
  readonly readings = new Subject<Reading>();
  last: Reading = { celsius: 20 };

  take(reading: Reading): void {
    this.last = reading;
    this.readings.next(reading);
  }
}

/** Adds the other scale to every answer. */
@Injectable()
export class InFahrenheit implements NestInterceptor<Reading> {
  intercept(
    _context: ExecutionContext,
    next: CallHandler<Reading>,
  ): Observable<Reading & { fahrenheit: number }> {
    return next.handle().pipe(map((reading) => ({ ...reading, fahrenheit: (reading.celsius * 9) / 5 + 32 })));
  }
}

@Controller('temperature')
export class TemperatureController {
  constructor(private readonly thermometer: Thermometer) {}

  @Get()
  @UseInterceptors(InFahrenheit)
  last(): Reading {
    return this.thermometer.last;
  }

  @Post()
  take(@Body() reading: Reading): void {
    this.thermometer.take(reading);
  }

  /** Nobody unsubscribes by hand: a client that leaves does. */
  @Sse('events')
  events(): Observable<MessageEvent> {
    const { readings, last } = this.thermometer;
    return readings.pipe(
      startWith(last),
      map((data) => ({ data })),
    );
  }
}

@Module({ controllers: [TemperatureController], providers: [Thermometer] })
export class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.init();

export default app.getHttpAdapter().getInstance();
