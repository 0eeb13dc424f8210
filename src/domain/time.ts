/** Microseconds since 1970, as a float64: exact until the year 2255. PostgreSQL's own resolution. */
export type Microseconds = number;
