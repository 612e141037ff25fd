/** No database can run here as it is asked for; the message says what to do. */
export class DatabaseNotAvailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseNotAvailable';
  }
}
