"""Files of images: their headers, and their conversion into the form that the service reads."""
