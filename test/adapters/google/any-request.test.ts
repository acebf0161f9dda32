import { google } from '../../../adapters/google/index.js';
import { testThatAnyRequestIsWrittenOrRefused } from '../shared/any-request.js';

const adapter = google({ environment: {} });

testThatAnyRequestIsWrittenOrRefused(adapter);
