import {
  Body,
  Controller,
  Get,
  Header,
  Module,
  Post,
  Query,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FileInterceptor } from '@nestjs/platform-express';
import cookieParser from 'cookie-parser';
import 'reflect-metadata';
import { Readable } from 'node:stream';
import { from, map } from 'rxjs';
import { STATIC, digestOf, endless, events, pattern, release, state } from './shared.mjs';

/** An interceptor in RxJS. */
class Wrapping {
  intercept(_context, next) {
    return next.handle().pipe(map((value) => ({ ...value, intercepted: true })));
  }
}

class AppController {
  hello() {
    return 'hello';
  }
  client({ ip, protocol, hostname }) {
    return { ip, protocol, hostname };
  }
  body(body) {
    return body;
  }
  intercepted() {
    return { a: 1 };
  }
  async upload(file, body) {
    return { ...body, ...(await digestOf([file.buffer])) };
  }
  cookies({ cookies }, response) {
    response.cookie('a', '1').cookie('b', '2');
    return cookies.seen;
  }
  moved() {}
  events() {
    return from(events()).pipe(map((event) => ({ data: /\d/.exec(event)[0] })));
  }
  release() {
    release();
  }
  download(bytes) {
    return new StreamableFile(Readable.from(pattern(+bytes)));
  }
  endless() {
    return new StreamableFile(Readable.from(endless()));
  }
  state() {
    return state;
  }
  throw() {
    throw new Error('secret');
  }
}

// What `@Get('/hello') hello() {}` is made of: the file runs as it is.
Controller()(AppController);
decorate('hello', [Get('hello')]);
decorate('client', [Get('client')], [Req()]);
decorate('body', [Post(['json', 'form'])], [Body()]);
decorate('intercepted', [Get('intercepted'), UseInterceptors(Wrapping)]);
decorate('upload', [Post('upload'), UseInterceptors(FileInterceptor('file'))], [UploadedFile(), Body()]);
decorate('cookies', [Get('cookies')], [Req(), Res({ passthrough: true })]);
decorate('moved', [Get('moved'), Redirect('/hello')]);
decorate('events', [Sse('events')]);
decorate('release', [Get('release')]);
decorate('download', [Get('download'), Header('Content-Type', 'text/plain')], [Query('bytes')]);
decorate('endless', [Get('endless')]);
decorate('state', [Get('state')]);
decorate('throw', [Get('throw')]);

class AppModule {}
Module({ controllers: [AppController] })(AppModule);

function decorate(name, methodDecorators, parameterDecorators = []) {
  const { prototype } = AppController;
  for (const decorator of methodDecorators)
    decorator(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
  parameterDecorators.forEach((decorator, index) => decorator(prototype, name, index));
}

const app = await NestFactory.create(AppModule, { logger: false });
app.use(cookieParser());
app.useStaticAssets(STATIC, { prefix: '/static/' });
await app.init();

export default app.getHttpAdapter().getInstance();
