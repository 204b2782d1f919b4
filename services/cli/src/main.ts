process.stdout.write('headroom\n');
